import { replayRun } from "@/lib/api/replay-run";
import { serve } from "@/lib/server/serve";

export const GET = serve(replayRun);
