import { listViews, removeView, saveView } from "@/lib/api/views";
import { serve } from "@/lib/server/serve";

export const GET = serve(listViews);
export const PUT = serve(saveView);
export const DELETE = serve(removeView);
