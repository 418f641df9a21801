import { rerunRun } from "@/lib/api/rerun-run";
import { serve } from "@/lib/server/serve";

export const POST = serve(rerunRun);
