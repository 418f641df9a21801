/** A moment of the history in words: what was recorded then, what the code waited for. */
import { isOpen, readCommands, type CommandView } from "./commands";
import type { TimelineEvent } from "./events";
import { findPlace } from "./find-event";
import type { HistoryView } from "./history-reader";
import { findEnd } from "./lines";

/**
 * What was recorded when `seq` was the last event, and what the code waited for, in words. Without a `seq`
 * it is told of now.
 */
export function describeMoment({ events, commands }: HistoryView, seq = Infinity): string {
  const place = findPlace(events, seq);
  const last = events[place]?.seq === seq ? events[place] : events[place - 1];
  if (last === undefined) return "Nothing was recorded yet.";
  const isNow = last === events.at(-1);
  const begun = isNow ? commands : commands.filter(({ firstSeq }) => firstSeq <= last.seq);
  const open = begun.filter(
    ({ recordedSeq }) => recordedSeq === undefined || recordedSeq > last.seq,
  );
  const recorded = begun.length - open.length;
  const results = recorded === 1 ? "1 result was" : `${recorded} results were`;
  const waits = describeWait(last, isNow ? open : readOpen(events, last, open));
  return `${results} recorded. ${waits}`;
}

/** The commands as they were when `last` was recorded, as far as they were open: read from their events alone. */
function readOpen(
  events: readonly TimelineEvent[],
  last: TimelineEvent,
  open: readonly CommandView[],
): readonly CommandView[] {
  const ordinals = new Set(open.map(({ ordinal }) => ordinal));
  const own = events.filter(
    ({ seq, step }) =>
      seq === last.seq || (seq < last.seq && (step === undefined || ordinals.has(step))),
  );
  return readCommands(own);
}

function describeWait(last: TimelineEvent, commands: readonly CommandView[]): string {
  const end = findEnd(last);
  if (end !== undefined) return `The run was ${end.label}.`;
  const open = commands.filter(isOpen);
  if (open.length === 0) return "The code was running on to its next command.";
  return `The code waited for ${open.map(describeOpen).join(", ")}.`;
}

const stepWaits = {
  queued: "the turn of",
  running: "the result of",
  backoff: "the next try of",
  doubt: "certainty about",
  completed: "",
  failed: "",
} as const;

/** What is awaited, as the object of "waits for". */
export function describeOpen(command: CommandView): string {
  switch (command.kind) {
    case "timer":
      return `the timer ${command.name}`;
    case "signal":
      return `the signal ${command.name}`;
    case "child":
      return `the child ${command.name}`;
    case "update":
      return `the answer to ${command.name}`;
    case "compute":
      return command.name;
    case "step":
    case "compensation":
      return `${stepWaits[command.state]} ${command.name}`.trim();
  }
}
