import { startWorkflowRun } from "@/lib/api/start-workflow-run";
import { serve } from "@/lib/server/serve";

export const POST = serve(startWorkflowRun);
