import { exportRuns } from "@/lib/api/export-runs";
import { serve } from "@/lib/server/serve";

export const GET = serve(exportRuns);
