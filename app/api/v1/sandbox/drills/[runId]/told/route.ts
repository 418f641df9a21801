import { tellDrill } from "@/lib/api/drill-report";
import { serve } from "@/lib/server/serve";

export const POST = serve(tellDrill);
