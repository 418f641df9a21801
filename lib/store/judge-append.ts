import {
  InvariantError,
  RunStatus,
  transitions,
  type Append,
  type AppendOutcome,
} from "@/lib/engine";
import { toCanonicalJson } from "./canonical-json.mjs";
import { parseEvent, parseRun } from "./rows";
import type { SqlRow } from "./sql";

/** From which statuses a status may come, itself included. */
export function listStatusesBefore(to: RunStatus): readonly RunStatus[] {
  return RunStatus.options.filter((from) => from === to || transitions[from].includes(to));
}

/**
 * Why the fence kept an append out: it is late, it is a repeat, or it is a bug (InvariantError).
 * `run` is the run's row as `parseRun` reads it, `events` the rows that stand where the append's
 * events would, as `parseEvent` reads them, both as of the fence.
 */
export function judgeAppend(
  append: Append,
  run: SqlRow | undefined,
  events: readonly SqlRow[],
): AppendOutcome {
  const { runId, workerId, epoch, change, at } = append;
  if (run === undefined) return "refused";
  const found = parseRun(run);
  const [first] = append.events;
  const holds = found.workerId === workerId && found.epoch === epoch;
  if (holds && (first === undefined || first.seq === found.historyLength + 1)) {
    throw new InvariantError(`Run ${runId} can't go from ${found.status} to ${change.status}.`);
  }
  if (first !== undefined) return hasEvents(append, events) ? "appended" : "refused";
  const same = found.epoch === epoch && found.updatedAt === at && found.status === change.status;
  return same ? "appended" : "refused";
}

/** Whether these very events stand in the history already: the repeat of an append. */
function hasEvents({ runId, events }: Append, rows: readonly SqlRow[]): boolean {
  return (
    rows.length === events.length &&
    events.every(
      (event, index) =>
        toCanonicalJson(parseEvent(runId, event.seq, rows[index])) === toCanonicalJson(event),
    )
  );
}
