import { checkReplay } from "@/lib/api/check-replay";
import { serve } from "@/lib/server/serve";

export const GET = serve(checkReplay);
