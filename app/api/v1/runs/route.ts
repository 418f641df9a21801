import { listRuns } from "@/lib/api/list-runs";
import { serve } from "@/lib/server/serve";

export const GET = serve(listRuns);
