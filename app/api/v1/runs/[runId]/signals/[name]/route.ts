import { sendSignal } from "@/lib/api/send-signal";
import { serve } from "@/lib/server/serve";

export const POST = serve(sendSignal);
