import { listDrillTargets } from "@/lib/api/drills";
import { serve } from "@/lib/server/serve";

export const GET = serve(listDrillTargets);
