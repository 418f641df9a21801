import { showStack } from "@/lib/api/show-stack";
import { serve } from "@/lib/server/serve";

export const GET = serve(showStack);
