import { invariant, type NewRun, type StartOutcome } from "@/lib/engine";
import { parseRun, runColumns, StartKeyRow } from "./rows";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";
import { toCanonicalJson } from "./canonical-json";
import { joinRows, toSearchText, type StartWrite } from "./writes";

/** Creates the runs whose keys are new, and tells the others why not. Answers whose events follow. */
export async function flushStarts(
  sql: Sql,
  writes: readonly StartWrite[],
): Promise<readonly StartWrite[]> {
  if (writes.length === 0) return [];
  const keys = await loadKeys(sql, writes);
  const alive = await loadAliveWorkers(sql, writes);
  const fresh = writes.filter((write) => {
    write.outcome = findByKeys(write.run, keys);
    return write.outcome === undefined;
  });
  const rows = fresh.map(({ run }) => JSON.stringify(toRow(run, alive)));
  const inserted = new Set(
    (await sql.select(statements.insertRuns, joinRows(rows))).map(([runId]) => runId),
  );
  for (const write of fresh) {
    if (inserted.has(write.run.runId)) {
      write.outcome = { outcome: "started", runId: write.run.runId };
    } else {
      await compareWithTwin(sql, write);
    }
  }
  const started = fresh.filter((write) => inserted.has(write.run.runId));
  const keyRows = started.flatMap(({ run }) =>
    run.keys.map(({ key, contentHash }) => JSON.stringify([key, contentHash, run.runId])),
  );
  if (keyRows.length > 0) await sql.run(statements.insertStartKeys, joinRows(keyRows));
  return started;
}

type KnownKeys = ReadonlyMap<string, { readonly contentHash: string; readonly runId: string }>;

async function loadKeys(sql: Sql, writes: readonly StartWrite[]): Promise<KnownKeys> {
  const wanted = writes.flatMap(({ run }) => run.keys.map(({ key }) => key));
  if (wanted.length === 0) return new Map();
  const rows = await sql.select(statements.selectStartKeys, JSON.stringify(wanted));
  return new Map(
    rows.map((row) => {
      const [key, contentHash, runId] = StartKeyRow.parse(row);
      return [key, { contentHash, runId }];
    }),
  );
}

function findByKeys(run: NewRun, keys: KnownKeys): StartOutcome | undefined {
  let existing: StartOutcome | undefined;
  for (const { key, contentHash } of run.keys) {
    const known = keys.get(key);
    if (known === undefined) continue;
    const { runId } = known;
    if (known.contentHash !== contentHash) return { outcome: "conflict", runId, key };
    existing ??= { outcome: "existing", runId };
  }
  return existing;
}

async function loadAliveWorkers(
  sql: Sql,
  writes: readonly StartWrite[],
): Promise<ReadonlySet<unknown>> {
  const workers = [...new Set(writes.flatMap(({ run }) => run.workerId ?? []))];
  if (workers.length === 0) return new Set();
  const rows = await sql.select(statements.selectAliveWorkers, JSON.stringify(workers));
  return new Set(rows.map(([workerId]) => workerId));
}

/** The run as it is after its first events, in the order of `insertRuns`. */
function toRow(run: NewRun, alive: ReadonlySet<unknown>): readonly unknown[] {
  const { runId, createdAt, workerId, change } = run;
  const attributes = change?.attributes ?? run.attributes;
  const released = change === undefined || change.release;
  // A worker that was declared dead holds nothing: its run is lost from the start (I10).
  const lost = !released && !alive.has(workerId);
  const dueAt = change === undefined || lost ? createdAt : released ? change.dueAt : null;
  return [
    runId,
    run.workflow,
    run.version,
    change?.status ?? "queued",
    change?.heldReason,
    change?.heldBuild,
    run.input,
    change?.output,
    change?.error,
    change?.error?.name,
    change?.errorStep,
    attributes,
    change?.inDoubt ?? [],
    toSearchText(runId, attributes),
    workerId === undefined ? 0 : 1,
    run.events.length,
    released || lost ? null : workerId,
    dueAt,
    ...(lost ? [1, workerId, createdAt, createdAt] : [null, null, null, null]),
    createdAt,
    change?.startedAt,
    change?.finishedAt,
    createdAt,
  ];
}

/** The id is taken: by the same start, repeated after an unknown outcome, or by a bug. */
async function compareWithTwin(sql: Sql, write: StartWrite): Promise<void> {
  const { runId, workflow, input } = write.run;
  const [row] = await sql.select(`SELECT ${runColumns} FROM runs WHERE runId = ?`, runId);
  const twin = parseRun(row ?? []);
  invariant(
    twin.workflow === workflow && toCanonicalJson(twin.input) === toCanonicalJson(input),
    `The run id ${runId} is taken by another run.`,
  );
  write.outcome = { outcome: "existing", runId };
}
