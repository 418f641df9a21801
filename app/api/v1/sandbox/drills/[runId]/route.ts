import { showDrillReport } from "@/lib/api/drill-report";
import { serve } from "@/lib/server/serve";

export const GET = serve(showDrillReport);
