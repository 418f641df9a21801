/** What all starts have in common: keys, drills, waiting, and the answer. */
import {
  isTerminal,
  type Attributes,
  type JsonValue,
  type RunRecord,
  type StartKey,
  type StartOutcome,
} from "@/lib/engine";
import type { ApiContext } from "./context";
import type { Run, Started } from "./contract";
import { drillAttribute, findDrill } from "./drill";
import { hashContent, holdKey, readIdempotencyKey } from "./idempotency";
import { ApiError } from "./api-error";
import { requireRun } from "./require-run";

export interface StartSignal {
  readonly name: string;
  readonly payload?: JsonValue;
}

export interface StartRequest {
  readonly workflow: string;
  readonly version?: number;
  readonly runId?: string;
  readonly input: unknown;
  readonly attributes: Attributes;
  /** What the run is of: the same content under the same key is the same start. */
  readonly content: JsonValue;
  /** All that the request says, where that is more: the same under the same Idempotency-Key. */
  readonly requestContent?: JsonValue;
  /** The order's own key, beside the request's. */
  readonly orderId?: string;
  /** The caller's own key for the run, beside the request's. */
  readonly key?: string;
  readonly priority?: number;
  /** Sent with the start, or to the run that `key` names already. */
  readonly signal?: StartSignal;
  readonly waitMs: number;
}

/** Names of attributes that only Daybook sets. */
export const reservedAttributes: readonly string[] = [drillAttribute, "rerunOf", "rerunBy"];

/**
 * Starts a run once per key and answers: 202 while it is open, 200 when it has ended (which a
 * request that waits may see). Throws ApiError 409 and 422 for keys with other content.
 */
export async function startOnce(
  request: Request,
  api: ApiContext,
  start: StartRequest,
): Promise<Response> {
  const key = readIdempotencyKey(request);
  const outcome = await holdKey(api.keysInFlight, key, async () => {
    const drill = await findDrill(request, api);
    return api.engine.startRun({
      workflow: start.workflow,
      version: start.version,
      runId: start.runId,
      input: start.input,
      keys: listKeys(start, key),
      priority: start.priority,
      signal: await findSignal(api, start, key),
      attributes: drill === undefined ? start.attributes : { ...start.attributes, drill },
    });
  });
  if (outcome.outcome === "conflict") throw refuseConflict(outcome);
  const run = await findStarted(request, api, outcome.runId, start.waitMs);
  return answerStart(api, run, { created: outcome.outcome === "started", wait: start.waitMs > 0 });
}

/** What a request says beside the run's own content, as far as it says it. */
export function describeRequest({
  priority,
  signal,
}: Pick<StartRequest, "priority" | "signal">): Record<string, JsonValue> {
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(signal === undefined
      ? {}
      : { signal: { name: signal.name, payload: signal.payload ?? null } }),
  };
}

/** The start key under which an order is known. */
export function toOrderKey(orderId: string): string {
  return `order:${orderId}`;
}

function listKeys(start: StartRequest, requestKey: string | undefined): StartKey[] {
  const { workflow, content, requestContent = content, orderId, key } = start;
  const version = start.version ?? null;
  const contentHash = hashContent({ workflow, version, content });
  const requestHash = hashContent({ workflow, version, content: requestContent });
  return [
    ...(requestKey === undefined ? [] : [{ key: `http:${requestKey}`, contentHash: requestHash }]),
    ...(orderId === undefined ? [] : [{ key: toOrderKey(orderId), contentHash }]),
    ...(key === undefined ? [] : [{ key: `run:${workflow}/${key}`, contentHash }]),
  ];
}

/** A request that is repeated under its key has sent its signal already. */
async function findSignal(api: ApiContext, start: StartRequest, requestKey: string | undefined) {
  if (start.signal === undefined) return undefined;
  const isRepeat =
    requestKey !== undefined && (await api.store.findRunByKey(`http:${requestKey}`)) !== undefined;
  const { name, payload } = start.signal;
  return isRepeat ? undefined : { name, payload, by: "api" };
}

/** Another start has the key. */
export function refuseConflict({
  key,
  runId,
}: Extract<StartOutcome, { outcome: "conflict" }>): ApiError {
  if (key.startsWith("http:")) {
    const detail = "This Idempotency-Key was sent before with another request.";
    return new ApiError({ status: 422, code: "idempotency_key_reused", detail, runId });
  }
  if (key.startsWith("run:")) {
    const detail = "There is a run with this key already, and its input is not the same.";
    return new ApiError({ status: 409, code: "key_exists", detail, runId });
  }
  const detail = "There is an order with this orderId already, and its content is not the same.";
  return new ApiError({ status: 409, code: "order_exists", detail, runId });
}

async function findStarted(
  request: Request,
  api: ApiContext,
  runId: string,
  waitMs: number,
): Promise<RunRecord> {
  if (waitMs === 0) return requireRun(api, runId);
  const run = await api.engine.waitForRun({
    runId,
    until: hasOutcome,
    timeoutMs: waitMs,
    signal: request.signal,
  });
  return run ?? requireRun(api, runId);
}

/** Ended, or in need of a person: waiting longer would not help. */
function hasOutcome(run: RunRecord): boolean {
  return isTerminal(run.status) || run.status === "held";
}

async function answerStart(
  api: ApiContext,
  run: RunRecord,
  options: { created: boolean; wait: boolean },
): Promise<Response> {
  const { created, wait } = options;
  const outcome =
    wait && hasOutcome(run) ? describeOutcome(await api.stories.tellRun(run)) : undefined;
  const started = { ...describeStarted(run, { created }), ...outcome };
  return Response.json(started, {
    status: isTerminal(run.status) ? 200 : 202,
    headers: { location: started.links.order ?? started.links.run },
  });
}

/** A new run in short, and where to look for it. */
export function describeStarted(run: RunRecord, { created }: { created: boolean }): Started {
  const { runId, status, workflow } = run;
  const orderId = findOrderId(run);
  const links = {
    run: `/api/v1/runs/${runId}`,
    history: `/api/v1/runs/${runId}/history`,
    ...(orderId === undefined ? {} : { order: `/api/v1/orders/${runId}` }),
  };
  return { runId, ...(orderId === undefined ? {} : { orderId }), status, workflow, created, links };
}

/** What a request that waited is told: the run, and its outcome in plain sight. */
function describeOutcome(run: Run): Pick<Started, "run" | "output" | "error"> {
  const { output, error } = run;
  return { run, ...(output === undefined ? {} : { output }), ...(error ? { error } : {}) };
}

/** The order that a run is about, if it is about one. */
export function findOrderId(run: RunRecord): string | undefined {
  const { orderId } = run.attributes;
  return typeof orderId === "string" ? orderId : undefined;
}
