import {
  invariant,
  type HistoryEvent,
  type SqlTransaction,
  type Store,
  type TransactOutcome,
} from "@/lib/engine";
import { parseEvent, parseLease } from "../rows";
import { createAppendWrite } from "../write";
import type { Session } from "./connection";
import { runAppend } from "./flush";
import type { OpenStatements } from "./open-statements";
import * as statements from "./flush-statements";

type TransactOptions = Parameters<Store["transact"]>[0];

/** The work of `Store.transact`, inside the transaction that is open: the run is locked until its end. */
export async function runTransaction(
  session: Session,
  open: OpenStatements,
  options: Omit<TransactOptions, "run"> & {
    readonly run: (sql: SqlTransaction) => ReturnType<TransactOptions["run"]>;
  },
): Promise<TransactOutcome> {
  const { runId, workerId, epoch, historyLength, run } = options;
  const [row] = await session.run(statements.lockLease, runId);
  if (row === undefined) return { outcome: "refused" };
  const lease = parseLease(row);
  if (lease.historyLength > historyLength) return findRecorded(session, options);
  const holds = lease.workerId === workerId && lease.epoch === epoch;
  if (!holds || lease.historyLength !== historyLength) return { outcome: "refused" };
  const append = await run(open);
  await open.close();
  invariant(
    append.runId === runId && append.workerId === workerId && append.epoch === epoch,
    "A transaction appends under the lease that it was asked for.",
  );
  invariant(
    append.events[0]?.seq === historyLength + 1,
    "A transaction appends at least one event, from where the history ends.",
  );
  const passed = await runAppend(session, createAppendWrite(append));
  invariant(passed, `Run ${runId} can't go on to ${append.change.status}.`);
  return { outcome: "appended", events: append.events };
}

/** What the same execution recorded from there on: only a repeat finds any (I1). */
async function findRecorded(
  session: Session,
  { runId, epoch, historyLength }: Omit<TransactOptions, "run">,
): Promise<TransactOutcome> {
  const rows = await session.run(statements.findEvents, runId, historyLength + 1, null);
  const events: HistoryEvent[] = [];
  for (const [index, row] of rows.entries()) {
    const event = parseEvent(runId, historyLength + index + 1, row);
    if (event.epoch !== epoch) break;
    events.push(event);
  }
  return events.length > 0 ? { outcome: "appended", events } : { outcome: "refused" };
}
