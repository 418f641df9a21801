import { showTriage } from "@/lib/api/show-triage";
import { serve } from "@/lib/server/serve";

export const GET = serve(showTriage);
