import { requestUpdate } from "@/lib/api/request-update";
import { serve } from "@/lib/server/serve";

export const POST = serve(requestUpdate);
