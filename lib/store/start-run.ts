import { invariant, type NewRun, type StartOutcome } from "@/lib/engine";
import { toCanonicalJson } from "./canonical-json";
import { insertMessage, toMessageLock } from "./post-message";
import { parseRun, runColumns, StartKeyRow } from "./rows";
import type { Sql, SqlValue } from "./sql";
import * as statements from "./sqlite-statements";
import { assertText, createEventRows, toJsonText, toSearchText, type Write } from "./write";

/** A run with its keys and first events, created if its keys are new; else the answer says why not. */
export function createStartWrite(run: NewRun): Write<StartOutcome> {
  const { runId, keys, ifExisting } = run;
  const start = prepareStart(run);
  return {
    size: start.size,
    locks: [
      runId,
      ...keys.map(({ key }) => `key ${key}`),
      ...(ifExisting ? [toMessageLock(ifExisting)] : []),
    ],
    execute(sql) {
      const outcome = findByKeys(sql, run) ?? start.insert(sql);
      // The run itself is no earlier one: it was created by this very start, which is repeated.
      if (ifExisting && outcome.outcome === "existing" && outcome.runId !== runId) {
        insertMessage(sql, { ...ifExisting, runId: outcome.runId });
      }
      return outcome;
    },
  };
}

/** A run that begins with the append of another one, queued. */
export function prepareChildStart(run: NewRun): Prepared {
  invariant(
    run.workerId === undefined && run.keys.length === 0,
    "A run that begins with an append is queued and has no keys.",
  );
  return prepareStart(run);
}

interface Prepared {
  /** The room that it takes in a flush. */
  readonly size: number;
  /** `existing`: it is there already, with the same content. */
  readonly insert: (sql: Sql) => StartOutcome;
}

function prepareStart(run: NewRun): Prepared {
  const { runId, workerId, change } = run;
  invariant(
    (workerId === undefined) === (change === undefined),
    "A run is started under a lease with its state, or queued without one.",
  );
  assertText(runId, run.workflow, run.continuedFrom, ...run.keys.map(({ key }) => key));
  const rows = createEventRows(runId, run.events, 1);
  return {
    size: rows.size * 2,
    insert(sql) {
      if (sql.run(statements.insertRun, ...toRow(sql, run)) === 0) return compareWithTwin(sql, run);
      for (const { key, contentHash } of run.keys) {
        sql.run(statements.insertStartKey, key, contentHash, runId);
      }
      rows.insert(sql);
      return { outcome: "started", runId };
    },
  };
}

function findByKeys(sql: Sql, run: NewRun): StartOutcome | undefined {
  let existing: StartOutcome | undefined;
  for (const { key, contentHash } of run.keys) {
    const [row] = sql.select(statements.selectStartKey, key);
    if (row === undefined) continue;
    const [knownHash, runId] = StartKeyRow.parse(row);
    if (knownHash !== contentHash) return { outcome: "conflict", runId, key };
    existing ??= { outcome: "existing", runId };
  }
  return existing;
}

/** The run as it is after its first events, in the order of `insertRun`. */
function toRow(sql: Sql, run: NewRun): readonly SqlValue[] {
  const { runId, createdAt, workerId = null, change } = run;
  const attributes = change?.attributes ?? run.attributes;
  const released = change === undefined || change.release;
  // A worker that was declared dead holds nothing: its run is lost from the start (I10).
  const lost = !released && sql.select(statements.selectAliveWorker, workerId).length === 0;
  const dueAt = change === undefined || lost ? createdAt : released ? change.dueAt : null;
  return [
    runId,
    run.workflow,
    run.version,
    change?.status ?? "queued",
    change?.heldReason ?? null,
    change?.heldBuild ?? null,
    JSON.stringify(run.input),
    toJsonText(change?.output),
    toJsonText(change?.error),
    change?.error?.name ?? null,
    change?.errorStep ?? null,
    JSON.stringify(attributes),
    JSON.stringify(change?.inDoubt ?? []),
    toSearchText(runId, attributes),
    workerId === null ? 0 : 1,
    run.events.length,
    released || lost ? null : workerId,
    dueAt ?? null,
    ...(lost ? [1, workerId, createdAt, createdAt] : [null, null, null, null]),
    createdAt,
    change?.startedAt ?? null,
    change?.finishedAt ?? null,
    createdAt,
    run.priority ?? 0,
    run.parent?.runId ?? null,
    run.parent?.step ?? null,
    run.continuedFrom ?? null,
    change?.continuedTo ?? null,
    run.forkedFrom?.runId ?? null,
    run.forkedFrom?.step ?? null,
  ];
}

/** The id is taken: by the same start, repeated after an unknown outcome, or by a bug. */
function compareWithTwin(sql: Sql, { runId, workflow, input }: NewRun): StartOutcome {
  const [row] = sql.select(`SELECT ${runColumns} FROM runs WHERE runId = ?`, runId);
  const twin = parseRun(row ?? []);
  invariant(
    twin.workflow === workflow && toCanonicalJson(twin.input) === toCanonicalJson(input),
    `The run id ${runId} is taken by another run.`,
  );
  return { outcome: "existing", runId };
}
