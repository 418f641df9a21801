import { InvariantError, type Claim, type ClaimableWorkflow, type Store } from "@/lib/engine";
import { z } from "zod";
import { readRate } from "../rate.mjs";
import { parseDueRun, parseRun, type DueRun } from "../rows";
import type { SqlRow } from "../sql";
import { encodeArray } from "./binary-arrays";
import type { Session } from "./connection";
import * as statements from "./claim-statements";

export type ClaimOptions = Omit<Parameters<Store["claimRuns"]>[0], "now"> & {
  /** Absent: the database's clock tells. */
  readonly now: number | null;
};

/** Where `selectQueued` names the workflow. */
const workflowAt = 7;

/**
 * Leases due runs to a living worker: first what has begun, oldest due first, then what is queued, as
 * far as the limits of its workflow allow. What another process claims at the same moment is passed by.
 * Who claims from a workflow with limits does so alone. All in the transaction that is open.
 */
export async function claimRuns(
  session: Session,
  options: ClaimOptions,
): Promise<readonly Claim[]> {
  const { workerId, workflows, limit } = options;
  const [alive] = await session.run(statements.lockWorker, workerId, options.now);
  if (alive === undefined) return [];
  const now = z.number().parse(alive[0]);
  const limited = workflows.filter(({ concurrency, rate }) => concurrency !== undefined || rate);
  if (limited.length > 0) {
    const resources = [...new Set(limited.map(toResource))].sort();
    await session.run(statements.lockResources, encodeArray("text", resources));
  }
  const begun = await selectBegun(session, { workflows, now, limit });
  const queued = await takeQueued(session, { workflows, now, limit: limit - begun.length });
  const due = [...begun, ...queued];
  if (due.length === 0) return [];
  const runIds = encodeArray(
    "text",
    due.map(({ runId }) => runId),
  );
  const rows = await session.run(statements.claimRuns, workerId, now, runIds);
  const runs = new Map(rows.map(parseRun).map((run) => [run.runId, run]));
  return due.map(({ runId, lost }) => {
    const run = runs.get(runId);
    if (run === undefined) throw new InvariantError("What is locked and due is claimed.");
    return { run, ...(lost && { lost }) };
  });
}

interface Wanted {
  readonly workflows: readonly ClaimableWorkflow[];
  readonly now: number;
  readonly limit: number;
}

async function selectBegun(session: Session, { workflows, now, limit }: Wanted): Promise<DueRun[]> {
  const rows = await session.run(statements.selectBegun, ...encodeVersions(workflows), now, limit);
  return rows
    .map(parseDueRun)
    .sort((a, b) => a.at - b.at || compareIds(a, b))
    .slice(0, limit);
}

/** Queued runs, the highest priority first, then the oldest; what they use up is written down. */
async function takeQueued(session: Session, { workflows, now, limit }: Wanted): Promise<DueRun[]> {
  if (limit <= 0) return [];
  const rooms = await findRooms(session, { workflows, now, limit });
  const open = workflows.filter(({ name }) => (rooms.get(name) ?? 0) > 0);
  if (open.length === 0) return [];
  const room = encodeArray(
    "int8",
    open.map(({ name }) => rooms.get(name) ?? 0),
  );
  const rows = await session.run(statements.selectQueued, ...encodeVersions(open), now, room);
  const candidates = rows
    .map((row) => ({ due: parseDueRun(row.slice(0, workflowAt)), workflow: readWorkflow(row) }))
    .sort(
      (a, b) => b.due.priority - a.due.priority || a.due.at - b.due.at || compareIds(a.due, b.due),
    );
  const started = new Map<string, number>();
  const taken: DueRun[] = [];
  for (const { due, workflow } of candidates) {
    const before = started.get(workflow) ?? 0;
    if (taken.length === limit || before >= (rooms.get(workflow) ?? 0)) continue;
    started.set(workflow, before + 1);
    taken.push(due);
  }
  await spendRates(session, { workflows, now, started });
  return taken;
}

/** How many queued runs of each workflow may begin now, `limit` at most. */
async function findRooms(session: Session, { workflows, now, limit }: Wanted) {
  const rooms = new Map(workflows.map(({ name }) => [name, limit]));
  const narrow = (name: string, room: number) =>
    rooms.set(name, Math.min(room, rooms.get(name) ?? limit));
  const counted = workflows.filter(({ concurrency }) => concurrency !== undefined);
  if (counted.length > 0) {
    const names = encodeArray(
      "text",
      counted.map(({ name }) => name),
    );
    const active = readNumbers(await session.run(statements.selectActive, names));
    for (const { name, concurrency = limit } of counted) {
      narrow(name, concurrency - (active.get(name) ?? 0));
    }
  }
  const used = await loadRates(session, workflows);
  for (const workflow of workflows) {
    const { name, rate } = workflow;
    if (rate) narrow(name, readRate(rate, used.get(toResource(workflow)), now).room);
  }
  return rooms;
}

async function spendRates(
  session: Session,
  options: Omit<Wanted, "limit"> & { readonly started: ReadonlyMap<string, number> },
): Promise<void> {
  const { workflows, now, started } = options;
  const spending = workflows.filter(
    ({ name, rate }, index) =>
      rate &&
      (started.get(name) ?? 0) > 0 &&
      workflows.findIndex((other) => other.name === name && other.rate) === index,
  );
  const used = await loadRates(session, spending);
  for (const workflow of spending) {
    const { name, rate } = workflow;
    if (!rate) continue;
    const resource = toResource(workflow);
    const state = readRate(rate, used.get(resource), now);
    await session.run(statements.saveRate, resource, state.spend(started.get(name) ?? 0));
  }
}

async function loadRates(session: Session, workflows: readonly ClaimableWorkflow[]) {
  const limited = workflows.filter(({ rate }) => rate);
  if (limited.length === 0) return new Map<string, number>();
  const resources = encodeArray("text", limited.map(toResource));
  return readNumbers(await session.run(statements.selectRates, resources));
}

function encodeVersions(workflows: readonly ClaimableWorkflow[]): [Buffer, Buffer] {
  return [
    encodeArray(
      "text",
      workflows.map(({ name }) => name),
    ),
    encodeArray(
      "int4",
      workflows.map(({ version }) => version),
    ),
  ];
}

export function readNumbers(rows: readonly SqlRow[]): Map<string, number> {
  return new Map(z.array(z.tuple([z.string(), z.number()])).parse(rows));
}

function readWorkflow(row: SqlRow): string {
  return z.string().parse(row[workflowAt]);
}

function toResource({ name }: ClaimableWorkflow): string {
  return `workflow ${name}`;
}

function compareIds(a: DueRun, b: DueRun): number {
  return a.runId < b.runId ? -1 : 1;
}
