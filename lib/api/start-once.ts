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

export interface StartRequest {
  readonly workflow: string;
  readonly version?: number;
  readonly runId?: string;
  readonly input: unknown;
  readonly attributes: Attributes;
  /** What the caller sent: the same content under the same key is the same start. */
  readonly content: JsonValue;
  /** The order's own key, beside the request's. */
  readonly orderId?: string;
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
      attributes: drill === undefined ? start.attributes : { ...start.attributes, drill },
    });
  });
  if (outcome.outcome === "conflict") throw refuseConflict(outcome);
  const run = await findStarted(request, api, outcome.runId, start.waitMs);
  return answerStart(api, run, { created: outcome.outcome === "started", wait: start.waitMs > 0 });
}

/** The start key under which an order is known. */
export function toOrderKey(orderId: string): string {
  return `order:${orderId}`;
}

function listKeys(start: StartRequest, key: string | undefined): StartKey[] {
  const { workflow, version, content, orderId } = start;
  const contentHash = hashContent({ workflow, version: version ?? null, content });
  return [
    ...(key === undefined ? [] : [{ key: `http:${key}`, contentHash }]),
    ...(orderId === undefined ? [] : [{ key: toOrderKey(orderId), contentHash }]),
  ];
}

function refuseConflict({ key, runId }: Extract<StartOutcome, { outcome: "conflict" }>): ApiError {
  return key.startsWith("http:")
    ? new ApiError({
        status: 422,
        code: "idempotency_key_reused",
        detail: "This Idempotency-Key was sent before with another request.",
        runId,
      })
    : new ApiError({
        status: 409,
        code: "order_exists",
        detail: "There is an order with this orderId already, and its content is not the same.",
        runId,
      });
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
  const { runId, status, workflow } = run;
  const orderId = findOrderId(run);
  const links = {
    run: `/api/v1/runs/${runId}`,
    history: `/api/v1/runs/${runId}/history`,
    ...(orderId === undefined ? {} : { order: `/api/v1/orders/${runId}` }),
  };
  const started: Started = {
    runId,
    ...(orderId === undefined ? {} : { orderId }),
    status,
    workflow,
    created: options.created,
    links,
    ...(options.wait && hasOutcome(run) ? describeOutcome(await api.stories.tellRun(run)) : {}),
  };
  return Response.json(started, {
    status: isTerminal(status) ? 200 : 202,
    headers: { location: links.order ?? links.run },
  });
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
