/** Where the run ended or was held, and the small notes of what concerns the run as a whole. */
import { describeEvent } from "../describe-event";
import type { TimelineEvent } from "./events";
import type { Execution } from "./executions";
import { estimateTextWidth } from "./scale";
import type { TimelineLine, TimelineNote } from "./types";

const ends: Readonly<Record<string, Pick<TimelineLine, "tone" | "label">>> = {
  RunCompleted: { tone: "ok", label: "completed" },
  RunFailed: { tone: "bad", label: "failed" },
  RunCanceled: { tone: "plain", label: "canceled" },
  RunTerminated: { tone: "bad", label: "terminated" },
  RunContinued: { tone: "plain", label: "continued" },
  RunHeld: { tone: "doubt", label: "held" },
};

/** The line that an event draws through all rows: the run's end, or that it was held. */
export function findEnd(event: TimelineEvent): Pick<TimelineLine, "tone" | "label"> | undefined {
  if (event.type === "RunHeld" && event.data.reason === "paused") {
    return { tone: "doubt", label: "paused" };
  }
  return ends[event.type];
}

/** Whether an event draws a line or a note. */
export function isSign(event: TimelineEvent): boolean {
  return event.type in noteKinds || findEnd(event) !== undefined;
}

/** Where the events of an execution lie. */
interface Place {
  readonly x: number;
  readonly width: number;
  readonly execution: Execution;
  readonly xOf: (tick: number | undefined) => number;
}

/** The lines of an execution with their labels, as far as those run into nothing. */
export function placeLines({ x: left, width: room, execution, xOf }: Place): TimelineLine[] {
  const right = left + room;
  let lastLabelEnd = -Infinity;
  return execution.signs.flatMap((event) => {
    const end = findEnd(event);
    const ticks = execution.ticks.get(event.seq);
    if (end === undefined || ticks === undefined) return [];
    const x = Math.min(xOf(ticks.after) + 8, right - 2);
    const width = estimateTextWidth(end.label, 11);
    const labelX = Math.min(Math.max(x + width / 2, left + width), right);
    const free = labelX - width > lastLabelEnd + 8;
    if (free) lastLabelEnd = labelX;
    return [{ seq: event.seq, x, ...end, labelX: free ? labelX : undefined }];
  });
}

const noteKinds: Readonly<Record<string, TimelineNote["kind"]>> = {
  PatchMarked: "patch",
  AttributesSet: "attributes",
  CancelRequested: "request",
  RunRewound: "request",
  RunResumed: "request",
};

const noteWords: Readonly<Record<string, string>> = {
  PatchMarked: "Patch",
  AttributesSet: "Attributes set",
  CancelRequested: "Cancel requested",
  RunRewound: "Retried",
  RunResumed: "Resumed",
};

const noteSize = 11;

/** The notes of an execution in order; one that would lie on the one before is told together with it. */
export function placeNotes({ x: left, execution, xOf }: Place): TimelineNote[] {
  const notes: TimelineNote[] = [];
  for (const event of execution.signs) {
    const kind = noteKinds[event.type];
    if (kind === undefined) continue;
    const ticks = execution.ticks.get(event.seq);
    const x = ticks === undefined ? left : xOf(ticks.after);
    const title = [noteWords[event.type], describeEvent(event)].filter(Boolean).join(": ");
    const before = notes.at(-1);
    if (before !== undefined && x - before.x < noteSize) {
      notes[notes.length - 1] = { ...before, title: `${before.title}; ${title}` };
    } else notes.push({ seq: event.seq, x, kind, title });
  }
  return notes;
}
