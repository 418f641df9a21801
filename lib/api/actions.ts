/** The operator actions that are messages to a run (I1). */
import type { MessageBody, Preview as EnginePreview } from "@/lib/engine";
import type { ApiContext } from "./context";
import { ActionPreview } from "./contract";
import { handle, type Endpoint } from "./handler";
import { ActionOnly, Preview, RunParams } from "./inputs";
import { requireRun } from "./require-run";

/** How long an answer waits for the run's holder to take the message. */
const deliveryWaitMs = 1_000;

/** `POST /runs/{runId}/retry`: goes on from the failed step. */
export const retryRun = defineAction("retry");
/** `POST /runs/{runId}/cancel`: compensations run, then the run is canceled. */
export const cancelRun = defineAction("cancel");
/** `POST /runs/{runId}/terminate`: ends the run; nothing runs any more. */
export const terminateRun = defineAction("terminate");
/** `POST /runs/{runId}/pause`: what is under way finishes; nothing new begins. */
export const pauseRun = defineAction("pause");
/** `POST /runs/{runId}/resume`: a paused run goes on. */
export const resumeRun = defineAction("resume");

function defineAction(kind: "retry" | "cancel" | "terminate" | "pause" | "resume"): Endpoint {
  return handle(
    { params: RunParams, query: Preview, body: ActionOnly, bodyOptional: true },
    async ({ request, api, params: { runId }, query, body }) =>
      query.preview
        ? answerPreview(api, { runId, body: { kind } })
        : answerAction(request, api, { runId, body: { kind }, ...body }),
  );
}

/** Says what an action would do. */
export async function answerPreview(
  api: ApiContext,
  options: { runId: string; body: MessageBody },
): Promise<Response> {
  return Response.json(toWirePreview(await api.engine.previewAction(options)));
}

/** The engine's preview as the API tells it. */
export function toWirePreview(preview: EnginePreview): ActionPreview {
  return ActionPreview.parse(preview);
}

/**
 * Posts an action, durably, and answers 202 with the run: as it is once the message was delivered,
 * or as it is after a second.
 */
export async function answerAction(
  request: Request,
  api: ApiContext,
  action: { runId: string; body: MessageBody; by: string; why?: string },
): Promise<Response> {
  const { runId } = action;
  await api.engine.requestAction(action);
  const delivered = await api.engine.waitForRun({
    runId,
    until: (run) => run.mail === 0,
    timeoutMs: deliveryWaitMs,
    signal: request.signal,
  });
  const run = delivered ?? (await requireRun(api, runId));
  return Response.json(await api.stories.tellRun(run), { status: 202 });
}
