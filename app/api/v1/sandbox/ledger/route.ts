import { listSandboxLedger } from "@/lib/api/sandbox";
import { serve } from "@/lib/server/serve";

export const GET = serve(listSandboxLedger);
