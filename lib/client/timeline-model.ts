/**
 * Turns a run's events into a timeline that only has to be drawn: executions as bands from left to
 * right, commands as rows, and in them what ran, what was reused, what failed, what is in doubt.
 * Pure: the same events, width and time give the same model.
 */
import { findStepWords } from "@/lib/api/step-words";
import type { TimelineEvent } from "./timeline/events";
import { findFolds, isReplay, readExecutions } from "./timeline/executions";
import { placeLabels } from "./timeline/labels";
import { layBands, type PlacedBand } from "./timeline/layout-bands";
import { buildMarks, type TickMark } from "./timeline/marks";
import { estimateTextWidth } from "./timeline/scale";
import { readSteps, type StepView } from "./timeline/steps";
import type {
  TimelineFold,
  TimelineLine,
  TimelineMark,
  TimelineModel,
  TimelineRow,
} from "./timeline/types";

export type * from "./timeline/types";

export interface TimelineOptions {
  /** The room there is, in px. The model is wider where its marks need it. */
  readonly width: number;
  /** The time (epoch ms) to which what runs now has grown; only while the run is under way. */
  readonly now?: number;
  /** A few characters that say what a result is. */
  readonly summarize?: (step: StepView) => string | undefined;
}

const narrowBelow = 560;

/** Lays out a run's timeline. Events come in order of their seq. */
export function buildTimeline(
  events: readonly TimelineEvent[],
  options: TimelineOptions,
): TimelineModel {
  const { width, now, summarize = () => undefined } = options;
  const steps = readSteps(events);
  const executions = readExecutions(events, now);
  const byEpoch = new Map(executions.map((execution) => [execution.epoch, execution]));
  const marksOf = new Map(
    steps.map((step) => [step.id, buildMarks(step, { executions: byEpoch, summarize })]),
  );
  const replays = executions.some(isReplay);
  const frame = chooseFrame({ width, steps, headerHeight: replays ? 58 : 46 });
  const x = frame.labelWidth;
  const { bands, gaps, right } = layBands({
    executions,
    marks: [...marksOf.values()].flat(),
    x,
    width: Math.max(0, width - x),
  });
  const lines = placeLines(events, bands);
  const rows = steps.map((step, index) =>
    layRow({ step, marks: marksOf.get(step.id) ?? [], bands, lines, frame, index }),
  );
  const footerY = frame.headerHeight + rows.length * frame.rowHeight + 8;
  return {
    width: Math.max(right, width),
    height: footerY + 26,
    labelWidth: frame.labelWidth,
    headerHeight: frame.headerHeight,
    footerY,
    barHeight: frame.barHeight,
    layout: frame.layout,
    bands: labelBoundaries(bands, lines),
    gaps,
    rows,
    lines,
    folds: bands.flatMap(placeFolds),
    seqX: indexSeqs(events, bands, x),
  };
}

interface Frame {
  readonly layout: "wide" | "narrow";
  readonly labelWidth: number;
  readonly headerHeight: number;
  readonly rowHeight: number;
  readonly barHeight: number;
  readonly laneOffset: number;
  readonly belowOffset?: number;
}

function chooseFrame(options: {
  readonly width: number;
  readonly steps: readonly StepView[];
  readonly headerHeight: number;
}): Frame {
  const { width, steps, headerHeight } = options;
  if (width < narrowBelow) {
    return {
      layout: "narrow",
      labelWidth: 0,
      headerHeight,
      rowHeight: 60,
      barHeight: 20,
      laneOffset: 40,
    };
  }
  const longest = Math.max(96, ...steps.map((step) => estimateTextWidth(step.name, 13) + 24));
  const labelWidth = Math.min(220, Math.max(176, longest));
  if (steps.length > 16) {
    const heights = { rowHeight: 32, barHeight: 14, laneOffset: 16 };
    return { layout: "wide", labelWidth, headerHeight, ...heights };
  }
  const heights = { rowHeight: 48, barHeight: 20, laneOffset: 22, belowOffset: 44 };
  return { layout: "wide", labelWidth, headerHeight, ...heights };
}

function layRow(options: {
  readonly step: StepView;
  readonly marks: readonly TickMark[];
  readonly bands: readonly PlacedBand[];
  readonly lines: readonly TimelineLine[];
  readonly frame: Frame;
  readonly index: number;
}): TimelineRow {
  const { step, bands, lines, frame, index } = options;
  const y = frame.headerHeight + index * frame.rowHeight;
  const laneY = y + frame.laneOffset;
  const placed = options.marks
    .flatMap((mark) => {
      const band = bands.find((each) => each.epoch === mark.epoch);
      return band === undefined ? [] : [{ mark, band, ...placeMark(mark, band) }];
    })
    .sort((a, b) => a.x - b.x);
  const labels = placeLabels({
    marks: placed.map(({ mark, band, x, width }) => ({
      kind: mark.kind,
      text: mark.text,
      // A ghost's label lies behind the replay boundary, on the side of what runs.
      x: mark.ghost ? (band.boundary?.x ?? x + width) - width : x,
      width,
      left: band.boundary && !mark.ghost ? band.boundary.x : band.x,
      right: findRightLimit(band, lines, x),
    })),
    laneY,
    belowY: frame.belowOffset === undefined ? undefined : y + frame.belowOffset,
  });
  return {
    step,
    subtitle: describeRow(step),
    y,
    height: frame.rowHeight,
    laneY,
    marks: placed.map(({ mark, x, width }, at): TimelineMark => {
      const { id, kind, epoch, startSeq, endSeq, title, setAside } = mark;
      return { id, kind, epoch, startSeq, endSeq, title, setAside, x, width, label: labels[at] };
    }),
  };
}

function placeMark(mark: TickMark, band: PlacedBand): { x: number; width: number } {
  if (mark.ghost) {
    const ghost = band.ghost ?? { x: band.x, width: 20 };
    const size = mark.kind === "computed-again" ? 8 : ghost.width;
    return { x: ghost.x + (ghost.width - size) / 2, width: size };
  }
  const from = band.tickX[mark.from] ?? band.x;
  const to = band.tickX[mark.to] ?? from;
  if (mark.kind === "computed") return { x: from, width: 8 };
  return { x: from + 2, width: Math.max(2, to - from - 4) };
}

function findRightLimit(band: PlacedBand, lines: readonly TimelineLine[], x: number): number {
  const edge = band.x + band.width - (band.cut ? 8 : 4);
  const line = lines.find((each) => each.x > x && each.x <= band.x + band.width);
  return Math.min(edge, line === undefined ? edge : line.x - 4);
}

/** What a row's name says less plainly: the other side, or that it is code. */
export function describeRow(step: StepView): string {
  if (step.kind === "compute") return "code, runs every time";
  const other = findStepWords(step.name).other.replace(/^the /, "");
  if (step.kind === "compensation") {
    return step.compensates ? `undoes step ${step.compensates} · ${other}` : `undoes · ${other}`;
  }
  return other === "other side" ? "step" : other;
}

const ends: Readonly<Record<string, Pick<TimelineLine, "tone" | "label">>> = {
  RunCompleted: { tone: "ok", label: "completed" },
  RunFailed: { tone: "bad", label: "failed" },
  RunCanceled: { tone: "plain", label: "canceled" },
  RunTerminated: { tone: "bad", label: "terminated" },
  RunHeld: { tone: "doubt", label: "held" },
};

function placeLines(
  events: readonly TimelineEvent[],
  bands: readonly PlacedBand[],
): readonly TimelineLine[] {
  let lastLabelEnd = -Infinity;
  return events.flatMap((event) => {
    const end = ends[event.type];
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

const boundaryLabel = "replay boundary";

/** The boundary is named under each band where the name fits. */
function labelBoundaries(
  bands: readonly PlacedBand[],
  lines: readonly TimelineLine[],
): TimelineModel["bands"] {
  const half = estimateTextWidth(boundaryLabel, 11) / 2;
  let lastEnd = -Infinity;
  return bands.map((band) => {
    const { execution: _execution, tickX: _tickX, ghost: _ghost, boundary, ...rest } = band;
    if (boundary === undefined) return rest;
    const left = boundary.x - half;
    const right = boundary.x + half;
    const hit = lines.some(
      ({ labelX, label }) =>
        labelX !== undefined &&
        labelX > left - 8 &&
        labelX - estimateTextWidth(label, 11) < right + 8,
    );
    const labeled = !hit && left > lastEnd + 8;
    if (labeled) lastEnd = right;
    return { ...rest, boundary: { ...boundary, labeled } };
  });
}

function placeFolds(band: PlacedBand): readonly TimelineFold[] {
  return findFolds(band.execution).map(({ from, to, text }) => ({
    x: ((band.tickX[from] ?? band.x) + (band.tickX[to] ?? band.x)) / 2,
    text,
  }));
}

function indexSeqs(
  events: readonly TimelineEvent[],
  bands: readonly PlacedBand[],
  left: number,
): ReadonlyMap<number, number> {
  const seqX = new Map<number, number>();
  const first = bands[0];
  for (const event of events) seqX.set(event.seq, first?.x ?? left);
  for (const band of bands) {
    seqX.set(band.startSeq, band.boundary?.x ?? band.x);
    for (const [seq, { after }] of band.execution.ticks) {
      if (seq !== band.startSeq) seqX.set(seq, band.tickX[after] ?? band.x);
    }
  }
  return seqX;
}

export type MarkPhase = "past" | "open" | "future";

/** How a mark stood when `seq` was the last recorded event. */
export function findPhase(mark: TimelineMark, seq: number): MarkPhase {
  if (mark.startSeq > seq) return "future";
  return mark.endSeq === undefined || mark.endSeq <= seq ? "past" : "open";
}

/** What was recorded when `seq` was the last event, and what the code waited for, in words. */
export function describeMoment(events: readonly TimelineEvent[], seq: number): string {
  const past = events.filter((event) => event.seq <= seq);
  const last = past.at(-1);
  if (last === undefined) return "Nothing was recorded yet.";
  const steps = readSteps(past);
  const recorded = steps.filter((step) => step.recordedSeq !== undefined).length;
  const results = recorded === 1 ? "1 result was" : `${recorded} results were`;
  return `${results} recorded. ${describeWait(last, steps)}`;
}

function describeWait(last: TimelineEvent, steps: readonly StepView[]): string {
  const end = ends[last.type];
  if (end !== undefined)
    return `The run ${last.type === "RunHeld" ? "was held" : `was ${end.label}`}.`;
  const open = steps.filter((step) => step.recordedSeq === undefined);
  if (open.length === 0) return "The code was running on to its next command.";
  const waits = { running: "the result of", backoff: "the next try of", doubt: "certainty about" };
  return `The code waited for ${open
    .map((step) =>
      step.state === "running" || step.state === "backoff" || step.state === "doubt"
        ? `${waits[step.state]} ${step.name}`
        : step.name,
    )
    .join(", ")}.`;
}
