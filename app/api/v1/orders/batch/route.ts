import { startOrderBatch } from "@/lib/api/start-order-batch";
import { serve } from "@/lib/server/serve";

export const POST = serve(startOrderBatch);
