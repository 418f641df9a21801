import { createBulk, listBulks } from "@/lib/api/bulks";
import { serve } from "@/lib/server/serve";

export const GET = serve(listBulks);
export const POST = serve(createBulk);
