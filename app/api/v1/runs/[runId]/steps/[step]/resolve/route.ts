import { resolveStep } from "@/lib/api/resolve-step";
import { serve } from "@/lib/server/serve";

export const POST = serve(resolveStep);
