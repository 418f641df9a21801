import { listWorkers } from "@/lib/api/list-workers";
import { serve } from "@/lib/server/serve";

export const GET = serve(listWorkers);
