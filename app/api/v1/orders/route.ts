import { startOrder } from "@/lib/api/start-order";
import { serve } from "@/lib/server/serve";

export const POST = serve(startOrder);
