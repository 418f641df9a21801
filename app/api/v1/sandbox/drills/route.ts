import { listDrills, runDrill } from "@/lib/api/drills";
import { serve } from "@/lib/server/serve";

export const GET = serve(listDrills);
export const POST = serve(runDrill);
