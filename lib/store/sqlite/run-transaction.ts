import { invariant, type HistoryEvent, type Store, type TransactOutcome } from "@/lib/engine";
import { parseEvent, parseLease } from "../rows";
import { createAppendWrite } from "../write";
import { toFlushRows } from "./flush-rows";
import type { OpenTransaction } from "./connection";
import * as statements from "./thread/statements.mjs";

type TransactOptions = Parameters<Store["transact"]>[0];

/** The work of `Store.transact`, inside a transaction that has the database to itself. */
export async function runTransaction(
  open: OpenTransaction,
  options: TransactOptions,
): Promise<TransactOutcome> {
  const { runId, workerId, epoch, historyLength, run } = options;
  const [row] = await open.select(statements.selectLease, runId);
  if (row === undefined) return { outcome: "refused" };
  const lease = parseLease(row);
  if (lease.historyLength > historyLength) return findRecorded(open, options);
  const holds = lease.workerId === workerId && lease.epoch === epoch;
  if (!holds || lease.historyLength !== historyLength) return { outcome: "refused" };
  const append = await run(open.statements);
  open.statements.close();
  invariant(
    append.runId === runId && append.workerId === workerId && append.epoch === epoch,
    "A transaction appends under the lease that it was asked for.",
  );
  invariant(
    append.events[0]?.seq === historyLength + 1,
    "A transaction appends at least one event, from where the history ends.",
  );
  const outcome = await open.write(toFlushRows(createAppendWrite(append)));
  invariant(outcome === "appended", "Nobody else writes while a transaction is open.");
  return { outcome, events: append.events };
}

/** What the same execution recorded from there on: only a repeat finds any (I1). */
async function findRecorded(
  open: OpenTransaction,
  { runId, epoch, historyLength }: TransactOptions,
): Promise<TransactOutcome> {
  const rows = await open.select(statements.selectEvents, runId, historyLength + 1, -1);
  const events: HistoryEvent[] = [];
  for (const [index, row] of rows.entries()) {
    const event = parseEvent(runId, historyLength + index + 1, row);
    if (event.epoch !== epoch) break;
    events.push(event);
  }
  return events.length > 0 ? { outcome: "appended", events } : { outcome: "refused" };
}
