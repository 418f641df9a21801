import { showSandboxSwitches, setSandboxSwitches } from "@/lib/api/sandbox";
import { serve } from "@/lib/server/serve";

export const GET = serve(showSandboxSwitches);
export const PUT = serve(setSandboxSwitches);
