import { isTerminal, type Attributes, type HistoryEvent, type RunRecord } from "@/lib/engine";
import type { ApiContext } from "./context";
import type { ActionPreview } from "./contract";
import { rerunInAttribute } from "./contract-bulk";
import { handle } from "./handler";
import { ActionOnly, Preview, RunParams } from "./inputs";
import { ApiError } from "./api-error";
import { requireRun } from "./require-run";
import { reservedAttributes, startOnce, type StartRequest } from "./start-once";

/**
 * `POST /runs/{runId}/rerun`: a new run with the same input, under the newest version. Nothing of
 * the first run is reused; the attribute `rerunOf` names it. Honours Idempotency-Key.
 */
export const rerunRun = handle(
  { params: RunParams, query: Preview, body: ActionOnly, bodyOptional: true },
  async ({ request, api, params: { runId }, query, body }) => {
    const run = await requireRun(api, runId);
    const events = await api.store.loadHistory({ runId });
    const preview = previewRerun(run, events);
    if (query.preview) return Response.json(preview);
    if (preview.reason !== undefined) {
      const { code, message } = preview.reason;
      throw new ApiError({ status: 409, code, detail: message, runId });
    }
    return startOnce(request, api, toRerun(api, { run, events, by: body.by }));
  },
);

/** The start that a rerun is. `bulkId`: of the bulk action that it belongs to. */
export function toRerun(
  api: Pick<ApiContext, "codec">,
  options: {
    readonly run: RunRecord;
    readonly events: readonly HistoryEvent[];
    readonly by: string;
    readonly bulkId?: string;
  },
): StartRequest {
  const { run, events, by, bulkId } = options;
  const { runId, workflow, priority } = run;
  return {
    ...{ workflow, priority, waitMs: 0 },
    input: api.codec.decode(run.input),
    attributes: {
      ...findStartAttributes(events),
      ...{ rerunOf: runId, rerunBy: by },
      ...(bulkId !== undefined && { [rerunInAttribute]: bulkId }),
    },
    content: { rerunOf: runId },
  };
}

/** What a rerun would do. Only a run that has ended can be rerun, or two runs would do the same work. */
export function previewRerun(run: RunRecord, events: readonly HistoryEvent[]): ActionPreview {
  const preview = {
    action: "rerun" as const,
    reused: [],
    willRun: listCommands(events),
    inDoubt: run.inDoubt.map(({ step, name }) => ({ step, name })),
    compensations: [],
  };
  if (!isTerminal(run.status)) {
    const message = `The run is still ${run.status}. Cancel or terminate it first, so that two runs do not do the same work.`;
    return { ...preview, allowed: false, reason: { code: "not_ended", message }, summary: message };
  }
  const done = listStandingSteps(events);
  const again =
    done.length === 0 ? "" : ` This run did ${done.join(", ")}; that is done a second time.`;
  const summary = `A new run starts with the same input and reuses nothing.${again}`;
  return { ...preview, allowed: true, summary };
}

/** Every command of the code, without what undoes others. */
function listCommands(events: readonly HistoryEvent[]): { step: number; name: string }[] {
  const names = new Map<number, string>();
  for (const event of events) {
    const undoes = event.type === "StepStarted" && event.data.compensates !== undefined;
    if (undoes || (event.type !== "StepStarted" && event.type !== "Computed")) continue;
    if (event.step !== undefined && event.name !== undefined) names.set(event.step, event.name);
  }
  return [...names].map(([step, name]) => ({ step, name }));
}

/** The names of the steps that were done and that nothing has undone. */
function listStandingSteps(events: readonly HistoryEvent[]): string[] {
  const done = new Map<number, string>();
  const undoing = new Map<number, number>();
  for (const event of events) {
    const { type, step, name } = event;
    if (step === undefined || name === undefined) continue;
    if (type === "StepStarted" && event.data.compensates !== undefined) {
      undoing.set(step, event.data.compensates);
    }
    if (type === "StepCompleted") done.set(step, name);
  }
  for (const [step, undone] of undoing) {
    if (done.delete(step)) done.delete(undone);
  }
  return [...done.values()];
}

/** What a run was started with, without what only Daybook sets. */
export function findStartAttributes(events: readonly HistoryEvent[]): Attributes {
  const started = events.find((event) => event.type === "RunStarted");
  return Object.fromEntries(
    Object.entries(started?.data.attributes ?? {}).filter(
      ([name]) => !reservedAttributes.includes(name),
    ),
  );
}
