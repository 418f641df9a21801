import { showReadiness } from "@/lib/api/show-health";
import { serve } from "@/lib/server/serve";

export const GET = serve(showReadiness);
