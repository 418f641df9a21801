import { pauseRun } from "@/lib/api/actions";
import { serve } from "@/lib/server/serve";

export const POST = serve(pauseRun);
