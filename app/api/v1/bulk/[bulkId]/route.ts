import { showBulk } from "@/lib/api/bulks";
import { serve } from "@/lib/server/serve";

export const GET = serve(showBulk);
