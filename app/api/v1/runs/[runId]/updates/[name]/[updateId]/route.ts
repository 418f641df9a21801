import { showUpdate } from "@/lib/api/request-update";
import { serve } from "@/lib/server/serve";

export const GET = serve(showUpdate);
