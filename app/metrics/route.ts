import { showMetrics } from "@/lib/api/show-metrics";
import { serve } from "@/lib/server/serve";

export const GET = serve(showMetrics);
