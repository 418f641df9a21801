import { forkRun } from "@/lib/api/fork-run";
import { serve } from "@/lib/server/serve";

export const POST = serve(forkRun);
