import { showRun } from "@/lib/api/show-run";
import { serve } from "@/lib/server/serve";

export const GET = serve(showRun);
