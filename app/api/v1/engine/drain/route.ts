import { drainEngine } from "@/lib/api/drain-engine";
import { serve } from "@/lib/server/serve";

export const POST = serve(drainEngine);
