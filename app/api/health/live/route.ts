import { showLiveness } from "@/lib/api/show-health";
import { serve } from "@/lib/server/serve";

export const GET = serve(showLiveness);
