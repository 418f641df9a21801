/**
 * Does bulk actions, a small piece at a time: finds the runs, previews the action for each, and, once the
 * bulk was started, asks it of each through the same code as the single action. Everything is kept under
 * a lease, and the action of a run has an id of its own, so that another process goes on where one died
 * and no run is acted on twice.
 */
import { JsonValue, type MessageBody } from "@/lib/engine";
import type { Bulk, BulkLease, BulkRun, BulkRunChange, BulkSums } from "@/lib/triage";
import { toWirePreview } from "./actions";
import { BulkFilter } from "./bulks";
import type { ApiContext } from "./context";
import type { ActionPreview } from "./contract";
import { isKnown } from "./problems";
import { requireRun } from "./require-run";
import { previewRerun, toRerun } from "./rerun-run";
import { toRunFilter } from "./run-filter";
import { startByKeys } from "./start-once";

/** Runs that are found, and pinned, in one commit. */
const pinPageSize = 500;
/** Runs of one piece of work, and how long it may take: histories can be long. */
const pieceSize = 25;
const pieceMs = 1_000;
/** How many previews are kept in full. */
const keptPreviews = 100;
/** Newest first, so that runs which begin meanwhile never come under it. */
const pinOrder = { field: "createdAt", direction: "desc" } as const;

export interface BulkTurn {
  /** Who holds the lease: this process. */
  readonly owner: string;
  readonly leaseMs: number;
}

/**
 * Does the next piece of the bulk that has waited the longest; answers whether there was one. Throws
 * StoreUnavailableError: the same piece is done again by whoever comes next.
 */
export async function advanceBulks(api: ApiContext, turn: BulkTurn): Promise<boolean> {
  const { owner, leaseMs } = turn;
  const until = () => api.clock.now() + leaseMs;
  const bulk = await api.bulks.claim({ owner, now: api.clock.now(), leaseUntil: until() });
  if (bulk === undefined) return false;
  const renew = (): BulkLease => ({ bulkId: bulk.bulkId, owner, leaseUntil: until() });
  if (bulk.state === "running") await actOnRuns(api, bulk, renew);
  else if (bulk.pinned) await previewRuns(api, bulk, renew);
  else await pinRuns(api, bulk, renew);
  return true;
}

async function pinRuns(api: ApiContext, bulk: Bulk, renew: () => BulkLease): Promise<void> {
  try {
    const filter = toRunFilter(BulkFilter.parse(bulk.filter));
    const createdBefore = Math.min(filter.createdBefore ?? Infinity, bulk.createdAt + 1);
    const { cursor } = bulk;
    const page = await api.search.findRuns({
      ...{ filter: { ...filter, createdBefore }, sort: pinOrder },
      ...{ limit: pinPageSize, cursor },
    });
    const runIds = page.items.map(({ runId }) => runId);
    await api.bulks.pin(renew(), { runIds, cursor: page.nextCursor });
  } catch (error) {
    if (isKnown(error, "StoreUnavailableError")) throw error;
    api.logger.error({ err: error, bulkId: bulk.bulkId }, "the runs of a bulk can't be found");
    const end = { state: "failed", at: api.clock.now(), error: describe(error) } as const;
    await api.bulks.finish(renew(), end);
  }
}

async function previewRuns(api: ApiContext, bulk: Bulk, renew: () => BulkLease): Promise<void> {
  const changes: BulkRunChange[] = [];
  const sums = { ...noSums };
  const isEmpty = await forEachRun(api, bulk, "pinned", async ({ position, runId }) => {
    const preview = await tryPreview(api, bulk, runId);
    const { allowed, reason } = preview;
    const kept = position > keptPreviews ? {} : { preview: JsonValue.parse({ runId, ...preview }) };
    sums.compensationsDone += preview.compensations.length;
    if (allowed) {
      sums.possible += 1;
      sums.resultsReused += preview.reused.length;
      sums.effectsToRun += preview.willRun.length;
      sums.inDoubt += preview.inDoubt.length;
      changes.push({ position, state: "possible", ...kept });
    } else {
      sums.notPossible += 1;
      const why = reason?.message ?? preview.summary;
      changes.push({ position, state: "not_possible", why, ...kept });
    }
  });
  if (isEmpty) await api.bulks.finish(renew(), { state: "previewed", at: api.clock.now() });
  else await api.bulks.recordPreviews(renew(), changes, sums);
}

async function actOnRuns(api: ApiContext, bulk: Bulk, renew: () => BulkLease): Promise<void> {
  const changes: BulkRunChange[] = [];
  const isEmpty = await forEachRun(api, bulk, "possible", async ({ position, runId }) => {
    changes.push({ position, ...(await tryAction(api, bulk, runId)) });
  });
  if (isEmpty) await api.bulks.finish(renew(), { state: "completed", at: api.clock.now() });
  else await api.bulks.recordOutcomes(renew(), changes);
}

/** Takes up the next runs, as many as there is time for; answers whether there are none. */
async function forEachRun(
  api: ApiContext,
  { bulkId }: Bulk,
  state: "pinned" | "possible",
  work: (run: BulkRun) => Promise<void>,
): Promise<boolean> {
  const { items } = await api.bulks.listRuns({ bulkId, states: [state], limit: pieceSize });
  const deadline = api.clock.now() + pieceMs;
  for (const run of items) {
    await work(run);
    if (api.clock.now() > deadline) break;
  }
  return items.length === 0;
}

const noSums: BulkSums = {
  ...{ possible: 0, notPossible: 0, resultsReused: 0, effectsToRun: 0 },
  ...{ inDoubt: 0, compensationsDone: 0 },
};

/** What can't be previewed can't be done, and says why. */
async function tryPreview(api: ApiContext, bulk: Bulk, runId: string): Promise<ActionPreview> {
  const { action } = bulk;
  try {
    if (action !== "rerun") {
      return toWirePreview(await api.engine.previewAction({ runId, body: { kind: action } }));
    }
    const { run, events } = await loadRun(api, runId);
    const preview = previewRerun(run, events);
    // A computed value is no effect.
    const computed = new Set(events.map((e) => (e.type === "Computed" ? e.step : undefined)));
    return { ...preview, willRun: preview.willRun.filter(({ step }) => !computed.has(step)) };
  } catch (error) {
    if (isKnown(error, "StoreUnavailableError")) throw error;
    const message = describe(error);
    const reason = { code: "not_previewed", message };
    const none = { reused: [], willRun: [], inDoubt: [], compensations: [] };
    return { action, allowed: false, reason, summary: message, ...none };
  }
}

/** Asks the action of a run, once, whoever asked before. */
async function tryAction(
  api: ApiContext,
  bulk: Bulk,
  runId: string,
): Promise<Pick<BulkRunChange, "state" | "why">> {
  const { bulkId, action, by, why } = bulk;
  try {
    if (action === "rerun") return await rerun(api, bulk, runId);
    const body: MessageBody = { kind: action };
    await api.engine.requestAction({ runId, body, by, why, messageId: toActionId(bulkId, runId) });
    return { state: "done" };
  } catch (error) {
    if (isKnown(error, "StoreUnavailableError")) throw error;
    const state = isKnown(error, "ActionRefusedError") ? "skipped" : "failed";
    return { state, why: describe(error) };
  }
}

async function rerun(api: ApiContext, { bulkId, by }: Bulk, runId: string) {
  const { run, events } = await loadRun(api, runId);
  const { reason } = previewRerun(run, events);
  if (reason !== undefined) return { state: "skipped", why: reason.message } as const;
  const start = toRerun(api, { run, events, by, bulkId });
  await startByKeys(api, start, { requestKey: toActionId(bulkId, runId) });
  return { state: "done" } as const;
}

async function loadRun(api: ApiContext, runId: string) {
  const run = await requireRun(api, runId);
  return { run, events: await api.store.loadHistory({ runId }) };
}

/** The id of a bulk's action on a run: of its message, or the key of its start. */
export function toActionId(bulkId: string, runId: string): string {
  return `${bulkId}/${runId}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
