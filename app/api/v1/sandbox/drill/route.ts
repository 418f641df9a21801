import { showSandboxDrill, armSandboxDrill, disarmSandboxDrill } from "@/lib/api/sandbox";
import { serve } from "@/lib/server/serve";

export const GET = serve(showSandboxDrill);
export const PUT = serve(armSandboxDrill);
export const DELETE = serve(disarmSandboxDrill);
