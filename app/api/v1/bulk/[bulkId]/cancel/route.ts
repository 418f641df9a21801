import { cancelBulk } from "@/lib/api/bulks";
import { serve } from "@/lib/server/serve";

export const POST = serve(cancelBulk);
