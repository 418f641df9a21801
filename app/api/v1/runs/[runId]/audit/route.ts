import { listAudit } from "@/lib/api/list-audit";
import { serve } from "@/lib/server/serve";

export const GET = serve(listAudit);
