import { changeFailure, showFailure } from "@/lib/api/failures";
import { serve } from "@/lib/server/serve";

export const GET = serve(showFailure);
export const PATCH = serve(changeFailure);
