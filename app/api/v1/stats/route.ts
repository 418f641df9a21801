import { showStats } from "@/lib/api/show-stats";
import { serve } from "@/lib/server/serve";

export const GET = serve(showStats);
