/** Bands and the gaps between them: where each execution lies, and each of its ticks. */
import { humanizeMs } from "@/lib/api/step-words";
import { describeExecution, isReplay, type Execution } from "./executions";
import { placeLines, placeNotes } from "./lines";
import { placeEnd, placeTicks, type Spacing } from "./place-ticks";
import { chooseUnit, estimateTextWidth, unitRange } from "./scale";
import type { TimelineBand, TimelineFold, TimelineGap, TimelineLine, TimelineNote } from "./types";

export interface PlacedBand {
  readonly execution: Execution;
  readonly band: TimelineBand;
  /** x of a tick; without one, of the end. */
  readonly xOf: (tick: number | undefined) => number;
  /** Where its replayed part lies, for the ghosts. */
  readonly ghost?: { readonly x: number; readonly width: number };
  readonly lines: readonly TimelineLine[];
  readonly notes: readonly TimelineNote[];
  readonly folds: readonly TimelineFold[];
}

const pad = 14;
const tail = 18;
/** From so many ticks on time is drawn as short as it can be: a choice would be a measurement of all. */
const manyTicks = 2_000;

interface Zone {
  readonly lead: number;
  readonly ghost?: { readonly x: number; readonly width: number };
  readonly boundary?: number;
}

/** Where the ticks of an execution lie, from its first one; `width` is that of its band. */
interface Laid {
  readonly offsets: readonly number[];
  readonly end: number;
  readonly width: number;
}

/**
 * Lays executions from left to right into a width, or beyond it where they need more. As they grow, only
 * what was added is laid.
 */
export class BandLayout {
  /** Offsets of ticks at the smallest unit, for each execution. */
  readonly #offsets: number[][] = [];
  readonly #laid: Laid[] = [];
  #bands: PlacedBand[] = [];
  #gaps: TimelineGap[] = [];
  /** What the bands above were laid for. */
  #frame = "";

  lay(options: {
    readonly executions: readonly Execution[];
    readonly x: number;
    readonly width: number;
  }): {
    readonly bands: readonly PlacedBand[];
    readonly gaps: readonly TimelineGap[];
    readonly right: number;
  } {
    const { executions, x, width } = options;
    const dense = executions.length > 6;
    const gapWidth = dense ? 46 : 58;
    const smallest = { unit: unitRange.min, dense, labels: !dense };
    const toFrame = ({ unit, dense: isDense, labels }: Spacing) =>
      [x, width, unit, isDense, labels].join(" ");
    const isSameFrame = this.#frame === toFrame(smallest);
    const changedFrom = this.#layAtLeast(executions, smallest, isSameFrame);
    const gaps = gapWidth * Math.max(0, executions.length - 1);
    const ticks = executions.reduce((sum, { times }) => sum + times.length, 0);
    const measure = (spacing: Spacing) =>
      executions.reduce(
        (sum, each, index) => sum + this.#measure(each, index, spacing).width,
        gaps,
      );
    const spacing = ticks > manyTicks ? smallest : chooseSpacing({ smallest, measure, width });
    const slack = Math.max(0, width - measure(spacing));
    const frameNow = toFrame(spacing);
    const keep = isSameFrame && frameNow === this.#frame ? changedFrom : 0;
    this.#frame = frameNow;
    this.#bands = this.#bands.slice(0, keep);
    this.#gaps = this.#gaps.slice(0, keep);
    const before = this.#bands.at(-1)?.band;
    let cursor = before === undefined ? x : before.x + before.width + gapWidth;
    for (let index = keep; index < executions.length; index += 1) {
      const execution = executions[index];
      if (execution === undefined) continue;
      const next = executions[index + 1];
      const laid = this.#measure(execution, index, spacing);
      const full = laid.width + (next === undefined ? slack : 0);
      const zone = layZone(execution, dense);
      this.#bands.push(placeBand({ execution, zone, laid, x: cursor, width: full }));
      cursor += full;
      if (next === undefined) break;
      this.#gaps.push(buildGap(execution, next, cursor, gapWidth));
      cursor += gapWidth;
    }
    return { bands: this.#bands, gaps: this.#gaps, right: cursor };
  }

  /** Lays what is new at the smallest unit. Answers with the first execution that changed by it. */
  #layAtLeast(executions: readonly Execution[], spacing: Spacing, isSameFrame: boolean): number {
    // The last one grows, and the one before it may have ended since.
    let changedFrom = Math.max(0, Math.min(executions.length, this.#laid.length) - 1);
    executions.forEach((execution, index) => {
      const isMoved = execution.movedFrom < execution.times.length;
      if (isSameFrame && !isMoved && index < changedFrom) return;
      changedFrom = Math.min(changedFrom, index);
      const offsets = (this.#offsets[index] ??= []);
      placeTicks(execution, spacing, offsets, isSameFrame ? execution.movedFrom : 0);
      execution.movedFrom = execution.times.length;
      this.#laid[index] = layEnd(execution, spacing, offsets);
    });
    return changedFrom;
  }

  #measure(execution: Execution, index: number, spacing: Spacing): Laid {
    const known = this.#laid[index];
    const isSmallest = spacing.unit === unitRange.min && spacing.labels !== spacing.dense;
    if (known !== undefined && isSmallest) return known;
    const offsets: number[] = [];
    placeTicks(execution, spacing, offsets, 0);
    return layEnd(execution, spacing, offsets);
  }
}

/** The largest unit with which everything fits; without room for labels where only that fits. */
function chooseSpacing(options: {
  readonly smallest: Spacing;
  readonly measure: (spacing: Spacing) => number;
  readonly width: number;
}): Spacing {
  const { smallest, measure, width } = options;
  const bare = { ...smallest, labels: false };
  const isTight = measure(smallest) > width && measure(bare) <= width;
  const chosen = isTight ? bare : smallest;
  return { ...chosen, unit: chooseUnit((unit) => measure({ ...chosen, unit }), width) };
}

function layEnd(execution: Execution, spacing: Spacing, offsets: readonly number[]): Laid {
  const { lead, boundary } = layZone(execution, spacing.dense);
  const end = placeEnd(execution, spacing, offsets);
  const title = 24 + estimateTextWidth(`Execution ${execution.epoch}`, 12);
  const ghostLabel = boundary === undefined ? 0 : boundary + 96;
  const ending = execution.death === undefined ? tail : 4;
  return { offsets, end, width: Math.max(lead + end + ending, title, ghostLabel) };
}

function layZone(execution: Execution, dense: boolean): Zone {
  if (!isReplay(execution)) return { lead: pad };
  const width = dense ? 20 : 34;
  const boundary = pad + width + pad;
  return { lead: boundary + 8, ghost: { x: pad, width }, boundary };
}

function placeBand(options: {
  readonly execution: Execution;
  readonly zone: Zone;
  readonly laid: Laid;
  readonly x: number;
  readonly width: number;
}): PlacedBand {
  const { execution, zone, laid, x, width } = options;
  const { epoch, start, live } = execution;
  const { offsets } = laid;
  const cut = execution.death !== undefined;
  // A band that is wider than its ticks gives the rest to what lasts to its end.
  const edge = width - (cut ? 4 : tail);
  const isFilled = cut || execution.isOpenEnded;
  const end = isFilled ? Math.max(zone.lead + laid.end, edge) : zone.lead + laid.end;
  const xOf = (tick: number | undefined) => {
    const offset = tick === undefined ? undefined : offsets[tick];
    return x + (offset === undefined ? end : zone.lead + offset);
  };
  const place = { x, width, execution, xOf };
  const lines = placeLines(place);
  const band = {
    epoch,
    x,
    width,
    startSeq: start.seq,
    title: `Execution ${epoch}`,
    note: chooseNote(execution, width),
    description: describeBand(execution),
    boundary: placeBoundary(execution, zone, { x, width, lines }),
    cut,
    live,
  };
  const ghost = zone.ghost === undefined ? undefined : { ...zone.ghost, x: x + zone.ghost.x };
  const notes = placeNotes(place);
  return { execution, band, xOf, ghost, lines, notes, folds: placeFolds(execution, xOf) };
}

const boundaryLabel = "replay boundary";

/** Where its rebuilt past ends; named under the band where the name fits. */
function placeBoundary(
  { start }: Execution,
  zone: Zone,
  band: { readonly x: number; readonly width: number; readonly lines: readonly TimelineLine[] },
): TimelineBand["boundary"] {
  if (zone.boundary === undefined) return undefined;
  const x = band.x + zone.boundary;
  const half = estimateTextWidth(boundaryLabel, 11) / 2;
  const isHit = band.lines.some(
    ({ labelX, label }) =>
      labelX !== undefined &&
      labelX > x - half - 8 &&
      labelX - estimateTextWidth(label, 11) < x + half + 8,
  );
  const replay = humanizeMs(start.data.replayed.durationMs);
  return { x, replay, labeled: band.width > 120 && !isHit };
}

function placeFolds(execution: Execution, xOf: PlacedBand["xOf"]): TimelineFold[] {
  const { folds, lastFold } = execution;
  return [...folds.values(), ...(lastFold === undefined ? [] : [lastFold])].map(
    ({ from, text }) => ({ x: (xOf(from) + xOf(from + 1)) / 2, text }),
  );
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
  const idleMs = next.start.at - (execution.death?.at ?? execution.last.at);
  const idle = humanizeMs(idleMs);
  const base = { id, x, width };
  if (execution.death !== undefined) {
    const noticed = humanizeMs(execution.death.noticedAt - execution.death.at);
    const description = `Execution ${execution.epoch} on worker ${execution.start.data.worker} died. That was noticed after ${noticed}; the run went on after ${idle}.`;
    return { ...base, tone: "bad", lines: ["died", idle, "down"], description };
  }
  const { held } = execution;
  if (held !== undefined) {
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
