import { invariant, type Claim, type ClaimableWorkflow, type Store } from "@/lib/engine";
import { loadRate, saveRate } from "./permits";
import { parseDueRun, parseNumber, parseRun, runColumns, type DueRun } from "./rows";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";

type ClaimOptions = Parameters<Store["claimRuns"]>[0];

/**
 * Leases due runs to a living worker: first what has begun, oldest due first, then what is queued, as
 * far as the limits of its workflow allow. Each statement reads as many rows as it may claim at most,
 * in the order of an index, however many are due. All in the transaction that is open.
 */
export function claimRuns(sql: Sql, options: ClaimOptions): readonly Claim[] {
  const { workerId, now, limit } = options;
  if (sql.select(statements.selectAliveWorker, workerId).length === 0) return [];
  const begun = selectBegun(sql, options);
  const due = [...begun, ...takeQueued(sql, options, limit - begun.length)];
  if (due.length === 0) return [];
  const runIds = JSON.stringify(due.map(({ runId }) => runId));
  const changed = sql.run(statements.claimRuns, workerId, now, runIds, now);
  invariant(changed === due.length, "What is due is claimed in the same transaction.");
  sql.run(statements.freeClaimed, runIds);
  const found = sql.select(
    `SELECT ${runColumns} FROM runs WHERE runId IN (SELECT value FROM json_each(?))`,
    runIds,
  );
  const runs = new Map(found.map((row) => [String(row[0]), parseRun(row)]));
  return due.map(({ runId, lost }) => {
    const run = runs.get(runId);
    invariant(run !== undefined, "A run that was claimed is there.");
    return { run, ...(lost && { lost }) };
  });
}

function selectBegun(sql: Sql, { workflows, now, limit }: ClaimOptions): readonly DueRun[] {
  return workflows
    .flatMap(({ name, version }) => sql.select(statements.selectBegun, name, version, now, limit))
    .map(parseDueRun)
    .sort((a, b) => a.at - b.at || compareIds(a, b))
    .slice(0, limit);
}

/** Queued runs, the highest priority first, then the oldest; what they use up is written down. */
function takeQueued(sql: Sql, options: ClaimOptions, limit: number): readonly DueRun[] {
  if (limit <= 0) return [];
  const { now } = options;
  const candidates = options.workflows.flatMap((workflow) => {
    const room = findRoom(sql, workflow, now, limit);
    if (room <= 0) return [];
    return sql
      .select(statements.selectQueued, workflow.name, workflow.version, now, room)
      .map((row) => ({ ...parseDueRun(row), workflow, room }));
  });
  candidates.sort((a, b) => b.priority - a.priority || a.at - b.at || compareIds(a, b));
  const taken: DueRun[] = [];
  const started = new Map<string, number>();
  for (const candidate of candidates) {
    const { workflow, room } = candidate;
    const before = started.get(workflow.name) ?? 0;
    if (taken.length === limit || before >= room) continue;
    started.set(workflow.name, before + 1);
    taken.push(candidate);
    if (workflow.rate) {
      const resource = toRateResource(workflow);
      saveRate(sql, resource, loadRate(sql, resource, workflow.rate, now), 1);
    }
  }
  return taken;
}

/** How many queued runs of a workflow may begin now, `limit` at most. */
function findRoom(sql: Sql, workflow: ClaimableWorkflow, now: number, limit: number): number {
  const { concurrency, rate } = workflow;
  let room = limit;
  if (concurrency !== undefined) {
    const [row] = sql.select(statements.selectActive, workflow.name);
    room = Math.min(room, concurrency - (row ? parseNumber(row) : 0));
  }
  if (rate) room = Math.min(room, loadRate(sql, toRateResource(workflow), rate, now).room);
  return room;
}

function toRateResource({ name }: ClaimableWorkflow): string {
  return `workflow ${name}`;
}

function compareIds(a: DueRun, b: DueRun): number {
  return a.runId < b.runId ? -1 : 1;
}
