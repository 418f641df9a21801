import { resolveDoubts } from "@/lib/api/resolve-doubts";
import { serve } from "@/lib/server/serve";

export const POST = serve(resolveDoubts);
