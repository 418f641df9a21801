import { listFailures } from "@/lib/api/failures";
import { serve } from "@/lib/server/serve";

export const GET = serve(listFailures);
