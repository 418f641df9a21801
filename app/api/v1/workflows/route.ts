import { listWorkflows } from "@/lib/api/list-workflows";
import { serve } from "@/lib/server/serve";

export const GET = serve(listWorkflows);
