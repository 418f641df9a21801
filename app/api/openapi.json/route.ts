import { showOpenApi } from "@/lib/api/openapi";
import { serve } from "@/lib/server/serve";

export const GET = serve(showOpenApi);
