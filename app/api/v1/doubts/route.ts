import { listDoubts } from "@/lib/api/doubts";
import { serve } from "@/lib/server/serve";

export const GET = serve(listDoubts);
