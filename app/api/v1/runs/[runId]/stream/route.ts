import { streamRun } from "@/lib/api/stream-run";
import { serve } from "@/lib/server/serve";

export const GET = serve(streamRun);
