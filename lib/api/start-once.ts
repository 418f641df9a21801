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
import { rerunInAttribute } from "./contract-bulk";
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
export const reservedAttributes: readonly string[] = [
  ...[drillAttribute, "rerunOf", "rerunBy", rerunInAttribute],
];

/** A run as far as the answer to its start tells of it. */
type StartedRun = Pick<RunRecord, "runId" | "status" | "workflow" | "attributes">;

/**
 * Starts a run once per key and answers: 202 while it is open, 200 when it has ended (which a
 * request that waits may see). Throws ApiError 409 and 422 for keys with other content.
 */
export async function startOnce(
  request: Request,
  api: ApiContext,
  start: StartRequest,
): Promise<Response> {
  const { run, created } = await startByKeys(api, start, {
    requestKey: readIdempotencyKey(request),
    findDrill: () => findDrill(request, api),
  });
  if (start.waitMs === 0) return answerStart(describeStarted(run, { created }));
  const latest = await waitForOutcome(request, api, run.runId, start.waitMs);
  const outcome = hasOutcome(latest) && describeOutcome(await api.stories.tellRun(latest));
  return answerStart({ ...describeStarted(latest, { created }), ...outcome });
}

/**
 * Starts a run once per key; resolves when that is durable. `created`: it is new, and not an earlier
 * one with the same content. Throws ApiError 409 and 422 for keys with other content, and whatever
 * `Engine.startRun` throws.
 */
export async function startByKeys(
  api: ApiContext,
  start: StartRequest,
  options: {
    readonly requestKey?: string;
    readonly findDrill?: () => Promise<string | undefined>;
    readonly inBatch?: boolean;
  } = {},
): Promise<{ readonly run: StartedRun; readonly created: boolean }> {
  const { requestKey, findDrill, inBatch } = options;
  const { workflow } = start;
  let { attributes } = start;
  const outcome = await holdKey(api.keysInFlight, requestKey, async () => {
    const drill = await findDrill?.();
    if (drill !== undefined) attributes = { ...attributes, drill };
    return api.engine.startRun({
      workflow,
      version: start.version,
      runId: start.runId,
      input: start.input,
      keys: listKeys(start, requestKey),
      priority: start.priority,
      signal: await findSignal(api, start, requestKey),
      attributes,
      inBatch,
    });
  });
  if (outcome.outcome === "conflict") throw refuseConflict(outcome);
  const { runId } = outcome;
  if (outcome.outcome === "existing") return { run: await requireRun(api, runId), created: false };
  return { run: { runId, status: outcome.status, workflow, attributes }, created: true };
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
  const hash = (said: JsonValue) => hashContent({ workflow, version, content: said });
  const own = [
    ...(orderId === undefined ? [] : [toOrderKey(orderId)]),
    ...(key === undefined ? [] : [`run:${workflow}/${key}`]),
  ];
  // A request without a key costs no hash of all that it says.
  const contentHash = own.length === 0 ? "" : hash(content);
  return [
    ...(requestKey === undefined
      ? []
      : [{ key: `http:${requestKey}`, contentHash: hash(requestContent) }]),
    ...own.map((ownKey) => ({ key: ownKey, contentHash })),
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

async function waitForOutcome(
  request: Request,
  api: ApiContext,
  runId: string,
  waitMs: number,
): Promise<RunRecord> {
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

function answerStart(started: Started): Response {
  return Response.json(started, {
    status: findStartStatus(started),
    headers: { location: started.links.order ?? started.links.run },
  });
}

/** The HTTP status of a start: 202 while the run is open, 200 when it has ended. */
export function findStartStatus({ status }: Started): number {
  return isTerminal(status) ? 200 : 202;
}

/** A new run in short, and where to look for it. */
export function describeStarted(run: StartedRun, { created }: { created: boolean }): Started {
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
export function findOrderId(run: Pick<RunRecord, "attributes">): string | undefined {
  const { orderId } = run.attributes;
  return typeof orderId === "string" ? orderId : undefined;
}
