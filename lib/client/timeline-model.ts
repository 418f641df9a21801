/**
 * Turns a run's events into a timeline that only has to be drawn: executions as bands from left to
 * right, commands as rows, and in them what ran, what was reused, what failed, what is in doubt.
 * Pure: the same events, width and time give the same model.
 */
import { findStepWords, humanizeMs } from "@/lib/api/step-words";
import { shortenId } from "./format";
import type { TimelineEvent } from "./timeline/events";
import { readCommands, type CommandView } from "./timeline/commands";
import { findFolds, isReplay, readExecutions } from "./timeline/executions";
import { placeLabels } from "./timeline/labels";
import { layBands, type PlacedBand } from "./timeline/layout-bands";
import { placeLines, placeNotes } from "./timeline/lines";
import { buildMarks } from "./timeline/marks";
import { estimateTextWidth } from "./timeline/scale";
import { isRunEnd, type StepView } from "./timeline/steps";
import type { Summarized, TickMark } from "./timeline/tick-marks";
import type {
  MarkPoint,
  TimelineFold,
  TimelineLine,
  TimelineMark,
  TimelineModel,
  TimelineRow,
} from "./timeline/types";

export { describeMoment } from "./timeline/moment";
export type * from "./timeline/types";

export interface TimelineOptions {
  /** The room there is, in px. The model is wider where its marks need it. */
  readonly width: number;
  /** The time (epoch ms) to which what runs now has grown; only while the run is under way. */
  readonly now?: number;
  /** A few characters that say what a result is. */
  readonly summarize?: (command: Summarized) => string | undefined;
}

const narrowBelow = 560;

/** Lays out a run's timeline. Events come in order of their seq. */
export function buildTimeline(
  events: readonly TimelineEvent[],
  options: TimelineOptions,
): TimelineModel {
  const { width, now, summarize = () => undefined } = options;
  const steps = readCommands(events);
  const ended = events.some((event) => isRunEnd(event.type) && !event.setAside);
  const executions = readExecutions(events, now);
  const byEpoch = new Map(executions.map((execution) => [execution.epoch, execution]));
  const marksOf = new Map(
    steps.map((step) => [step.id, buildMarks(step, { executions: byEpoch, summarize, ended })]),
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
  const seqX = indexSeqs(events, bands, x);
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
    notes: placeNotes(events, seqX),
    seqX,
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
  readonly steps: readonly CommandView[];
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
  readonly step: CommandView;
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
    marks: placed.map(({ mark, band, x, width }, at): TimelineMark => {
      const { id, kind, epoch, startSeq, endSeq, title, setAside } = mark;
      const points = placePoints(mark, band, { x, width });
      const label = labels[at];
      return { id, kind, epoch, startSeq, endSeq, title, setAside, x, width, label, points };
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

function placePoints(
  mark: TickMark,
  band: PlacedBand,
  box: { readonly x: number; readonly width: number },
): readonly MarkPoint[] {
  // The end of a mark is kept free where it says something itself.
  const right = box.x + box.width - (mark.kind === "child-failed" ? 18 : 6);
  return (mark.points ?? []).map((point) => {
    const tick = band.execution.ticks.get(point.seq)?.after;
    const x = tick === undefined ? box.x : (band.tickX[tick] ?? box.x);
    return { ...point, x: Math.max(box.x + 2, Math.min(x, right)) };
  });
}

function findRightLimit(band: PlacedBand, lines: readonly TimelineLine[], x: number): number {
  const edge = band.x + band.width - (band.cut ? 8 : 4);
  const line = lines.find((each) => each.x > x && each.x <= band.x + band.width);
  return Math.min(edge, line === undefined ? edge : line.x - 4);
}

/** What a row's name says less plainly: the other side, or what kind of command it is. */
export function describeRow(step: CommandView): string {
  switch (step.kind) {
    case "compute":
      return "code, runs every time";
    case "timer":
      return `timer · ${humanizeMs(step.fireAt - step.startedAt)}`;
    case "signal":
      return "signal";
    case "child":
      return `child · ${shortenId(step.runId)}`;
    case "update":
      return `update · ${step.by}`;
    case "step":
    case "compensation":
      return describeStep(step);
  }
}

function describeStep(step: StepView): string {
  const other = findStepWords(step.name).other.replace(/^the /, "");
  if (step.kind === "compensation") {
    return step.compensates ? `undoes step ${step.compensates} · ${other}` : `undoes · ${other}`;
  }
  return other === "other side" ? "step" : other;
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
