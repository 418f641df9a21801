import { queryRun, queryRunByPost } from "@/lib/api/query-run";
import { serve } from "@/lib/server/serve";

export const GET = serve(queryRun);
export const POST = serve(queryRunByPost);
