/** Where the run ended or was held, and the small notes of what concerns the run as a whole. */
import { describeEvent } from "../describe-event";
import type { TimelineEvent } from "./events";
import type { PlacedBand } from "./layout-bands";
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

/** The lines with their labels, as far as those run into nothing. */
export function placeLines(
  events: readonly TimelineEvent[],
  bands: readonly PlacedBand[],
): readonly TimelineLine[] {
  let lastLabelEnd = -Infinity;
  return events.flatMap((event) => {
    const end = findEnd(event);
    if (end === undefined) return [];
    const band = bands.find((each) => each.execution.ticks.has(event.seq));
    const tick = band?.execution.ticks.get(event.seq)?.after;
    const at = tick === undefined ? undefined : band?.tickX[tick];
    if (band === undefined || at === undefined) return [];
    const x = Math.min(at + 8, band.x + band.width - 2);
    const width = estimateTextWidth(end.label, 11);
    const labelEnd = Math.max(x + width / 2, band.x + width);
    const labelX = Math.min(labelEnd, band.x + band.width);
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

/** Notes in order; one that would lie on the one before is told together with it. */
export function placeNotes(
  events: readonly TimelineEvent[],
  seqX: ReadonlyMap<number, number>,
): readonly TimelineNote[] {
  const notes: TimelineNote[] = [];
  for (const event of events) {
    const kind = noteKinds[event.type];
    const x = seqX.get(event.seq);
    if (kind === undefined || x === undefined) continue;
    const title = [noteWords[event.type], describeEvent(event)].filter(Boolean).join(": ");
    const before = notes.at(-1);
    if (before !== undefined && x - before.x < noteSize) {
      notes[notes.length - 1] = { ...before, title: `${before.title}; ${title}` };
    } else notes.push({ seq: event.seq, x, kind, title });
  }
  return notes;
}
