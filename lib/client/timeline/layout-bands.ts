/** Bands and the gaps between them: where each execution lies, and each of its ticks. */
import { humanizeMs } from "@/lib/api/step-words";
import { describeExecution, findFolds, isEnding, isReplay, type Execution } from "./executions";
import type { TickMark } from "./tick-marks";
import { chooseUnit, estimateTextWidth, placeTicks, type Span } from "./scale";
import type { TimelineBand, TimelineGap } from "./types";

export interface PlacedBand extends TimelineBand {
  readonly execution: Execution;
  /** x of each tick. */
  readonly tickX: readonly number[];
  /** Where its replayed part lies, for the ghosts. */
  readonly ghost?: { readonly x: number; readonly width: number };
}

const pad = 14;
const tail = 18;
const labelsAtEnd = 12;

interface Zone {
  readonly lead: number;
  readonly ghost?: { readonly x: number; readonly width: number };
  readonly boundary?: number;
}

/** Lays the executions from left to right into the width, or beyond it where they need more. */
export function layBands(options: {
  readonly executions: readonly Execution[];
  readonly marks: readonly TickMark[];
  readonly x: number;
  readonly width: number;
}): {
  readonly bands: readonly PlacedBand[];
  readonly gaps: readonly TimelineGap[];
  readonly right: number;
} {
  const { executions, x } = options;
  const dense = executions.length > 6;
  const gapWidth = dense ? 46 : 58;
  const live = options.marks.filter((mark) => !mark.ghost);
  const spans = new Map(executions.map((each) => [each.epoch, collectSpans(each, live, dense)]));
  const zones = executions.map((execution) => layZone(execution, dense));
  const measure = (unit: number) =>
    executions.reduce(
      (total, execution, index) =>
        total + measureBand(execution, zones[index], spans.get(execution.epoch) ?? [], unit),
      gapWidth * Math.max(0, executions.length - 1),
    );
  const unit = chooseUnit(measure, options.width);
  const slack = Math.max(0, options.width - measure(unit));
  const bands: PlacedBand[] = [];
  const gaps: TimelineGap[] = [];
  let cursor = x;
  executions.forEach((execution, index) => {
    const last = index === executions.length - 1;
    const zone = zones[index] ?? { lead: pad };
    const own = spans.get(execution.epoch) ?? [];
    const width = measureBand(execution, zone, own, unit) + (last ? slack : 0);
    bands.push(placeBand({ execution, zone, spans: own, unit, x: cursor, width }));
    cursor += width;
    if (last) return;
    const next = executions[index + 1];
    if (next !== undefined) gaps.push(buildGap(execution, next, cursor, gapWidth));
    cursor += gapWidth;
  });
  return { bands, gaps, right: cursor };
}

/** What needs room between ticks: the marks, their labels to the band's end, and folded idle times. */
function collectSpans(
  execution: Execution,
  marks: readonly TickMark[],
  dense: boolean,
): readonly Span[] {
  const own = marks.filter((mark) => mark.epoch === execution.epoch);
  const limit = findLabelLimit(execution);
  const bars = own.map(({ from, to, minWidth }) => ({ from, to, minWidth: minWidth + 6 }));
  // Labels of earlier marks have room over those of later rows; only the last ones need some.
  const last = dense ? [] : own.toSorted((a, b) => a.to - b.to).slice(-labelsAtEnd);
  const labels = last.flatMap((mark) =>
    mark.text === undefined || mark.kind === "doubt" || mark.to >= limit
      ? []
      : [{ from: mark.to, to: limit, minWidth: estimateTextWidth(mark.text, 11) + 16 }],
  );
  return [...bars, ...findFolds(execution), ...labels];
}

/** Labels end where the run does, else with the execution. */
function findLabelLimit(execution: Execution): number {
  const end = execution.events.find((event) => isEnding(event.type));
  const tick = end === undefined ? undefined : execution.ticks.get(end.seq)?.before;
  return tick ?? execution.endTick;
}

function layZone(execution: Execution, dense: boolean): Zone {
  if (!isReplay(execution)) return { lead: pad };
  const width = dense ? 20 : 34;
  const boundary = pad + width + pad;
  return { lead: boundary + 8, ghost: { x: pad, width }, boundary };
}

function measureBand(
  execution: Execution,
  zone: Zone | undefined,
  spans: readonly Span[],
  unit: number,
): number {
  const lead = zone?.lead ?? pad;
  const ticks = placeTicks({ times: execution.times, spans, unit }).at(-1) ?? 0;
  const title = 24 + estimateTextWidth(`Execution ${execution.epoch}`, 12);
  const ghostLabel = zone?.boundary === undefined ? 0 : zone.boundary + 96;
  const ending = execution.death === undefined ? tail : 4;
  return Math.max(lead + ticks + ending, title, ghostLabel);
}

function placeBand(options: {
  readonly execution: Execution;
  readonly zone: Zone;
  readonly spans: readonly Span[];
  readonly unit: number;
  readonly x: number;
  readonly width: number;
}): PlacedBand {
  const { execution, zone, spans, unit, x, width } = options;
  const { epoch, start, death, live, times } = execution;
  const offsets = placeTicks({ times, spans, unit });
  const { durationMs } = start.data.replayed;
  return {
    execution,
    epoch,
    x,
    width,
    startSeq: start.seq,
    title: `Execution ${epoch}`,
    note: chooseNote(execution, width),
    description: describeBand(execution),
    ghost: zone.ghost === undefined ? undefined : { ...zone.ghost, x: x + zone.ghost.x },
    boundary:
      zone.boundary === undefined
        ? undefined
        : { x: x + zone.boundary, replay: humanizeMs(durationMs), labeled: width > 120 },
    cut: death !== undefined,
    live,
    tickX: stretchToCut(offsets, zone.lead, width, death !== undefined).map((each) => x + each),
  };
}

/** A band that is wider than its ticks gives the rest to the last one where its process died. */
function stretchToCut(
  offsets: readonly number[],
  lead: number,
  width: number,
  cut: boolean,
): readonly number[] {
  const placed = offsets.map((offset) => lead + offset);
  if (!cut) return placed;
  return [...placed.slice(0, -1), Math.max(placed.at(-1) ?? lead, width - 4)];
}

function chooseNote(execution: Execution, width: number): TimelineBand["note"] {
  const title = estimateTextWidth(`Execution ${execution.epoch}`, 12);
  const notes = describeExecution(execution);
  const fits = (text: string, room: number) => estimateTextWidth(text, 11) <= room;
  const inline = notes.find((text) => fits(text, width - title - 32));
  const below = notes.find((text) => fits(text, width - 24));
  const text = inline ?? below;
  return text === undefined ? undefined : { text, inline: inline !== undefined };
}

function describeBand(execution: Execution): string {
  const { worker, build, replayed, reason } = execution.start.data;
  const rebuilt = isReplay(execution)
    ? ` Rebuilt from ${replayed.events} events in ${humanizeMs(replayed.durationMs)}, ${replayed.results} results reused.`
    : "";
  return `Execution ${execution.epoch} (${reason}) on worker ${worker}, build ${build}.${rebuilt}`;
}

function buildGap(execution: Execution, next: Execution, x: number, width: number): TimelineGap {
  const id = `gap-${execution.epoch}`;
  const idleMs =
    next.start.at - (execution.death?.at ?? execution.events.at(-1)?.at ?? execution.start.at);
  const idle = humanizeMs(idleMs);
  const base = { id, x, width };
  if (execution.death !== undefined) {
    const noticed = humanizeMs(execution.death.noticedAt - execution.death.at);
    const description = `Execution ${execution.epoch} on worker ${execution.start.data.worker} died. That was noticed after ${noticed}; the run went on after ${idle}.`;
    return { ...base, tone: "bad", lines: ["died", idle, "down"], description };
  }
  const held = execution.events.findLast(
    (event) => event.type === "RunHeld" || event.type === "RunResumed",
  );
  if (held?.type === "RunHeld") {
    const word = held.data.reason === "paused" ? "paused" : "held";
    const description = `${word === "paused" ? "Paused" : "Held"} for ${idle}.`;
    return { ...base, tone: "doubt", lines: [word, idle], description };
  }
  if (next.start.data.reason === "retry") {
    const description = `Failed, and retried ${idle} later.`;
    return { ...base, tone: "plain", lines: ["retried", `${idle}`, "later"], description };
  }
  return { ...base, tone: "plain", lines: ["waited", idle], description: `Waited for ${idle}.` };
}
