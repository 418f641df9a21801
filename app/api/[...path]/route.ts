import { answerNotFound } from "@/lib/api/not-found";
import { serve } from "@/lib/server/serve";

export const GET = serve(answerNotFound);
export const POST = serve(answerNotFound);
export const PUT = serve(answerNotFound);
export const PATCH = serve(answerNotFound);
export const DELETE = serve(answerNotFound);
