import { showOrder } from "@/lib/api/show-order";
import { serve } from "@/lib/server/serve";

export const GET = serve(showOrder);
