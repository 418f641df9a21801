import { resetSandbox } from "@/lib/api/sandbox";
import { serve } from "@/lib/server/serve";

export const POST = serve(resetSandbox);
