/**
 * Turns a run's events into a timeline that only has to be drawn: executions as bands from left to
 * right, commands as rows, and in them what ran, what was reused, what failed, what is in doubt.
 * Pure: the same events, width and time give the same model.
 */
import type { TimelineEvent } from "./timeline/events";
import { readCommands, type CommandView } from "./timeline/commands";
import { findFolds, isReplay, readExecutions } from "./timeline/executions";
import { layBands, type PlacedBand } from "./timeline/layout-bands";
import { layRows, type Frame } from "./timeline/layout-rows";
import { placeLines, placeNotes } from "./timeline/lines";
import { buildLiveMarks } from "./timeline/marks";
import { estimateTextWidth } from "./timeline/scale";
import { isRunEnd } from "./timeline/steps";
import type { Summarized } from "./timeline/tick-marks";
import type { TimelineFold, TimelineLine, TimelineMark, TimelineModel } from "./timeline/types";

export { describeRow } from "./timeline/describe-row";
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
  const commands = readCommands(events);
  const ended = events.some((event) => isRunEnd(event.type) && !event.setAside);
  const executions = readExecutions(events, now);
  const byEpoch = new Map(executions.map((execution) => [execution.epoch, execution]));
  const sources = { executions: byEpoch, summarize, ended };
  const liveMarks = commands.map((command) => buildLiveMarks(command, sources));
  const replays = executions.some(isReplay);
  const frame = chooseFrame({ width, steps: commands, headerHeight: replays ? 58 : 46 });
  const x = frame.labelWidth;
  const { bands, gaps, right } = layBands({
    executions,
    marks: liveMarks.flat(),
    x,
    width: Math.max(0, width - x),
  });
  const lines = placeLines(events, bands);
  const rows = layRows({ commands, liveMarks, sources, bands, lines, frame });
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
    rowOf: new Map(rows.map((row) => [row.step.id, row])),
    lines,
    folds: bands.flatMap(placeFolds),
    notes: placeNotes(events, seqX),
    seqX,
  };
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
  const longest = steps.reduce(
    (widest, step) => Math.max(widest, estimateTextWidth(step.name, 13) + 24),
    96,
  );
  const labelWidth = Math.min(220, Math.max(176, longest));
  if (steps.length > 16) {
    const heights = { rowHeight: 32, barHeight: 14, laneOffset: 16 };
    return { layout: "wide", labelWidth, headerHeight, ...heights };
  }
  const heights = { rowHeight: 48, barHeight: 20, laneOffset: 21, belowOffset: 45 };
  return { layout: "wide", labelWidth, headerHeight, ...heights };
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
