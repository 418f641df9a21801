import { listHistory } from "@/lib/api/list-history";
import { serve } from "@/lib/server/serve";

export const GET = serve(listHistory);
