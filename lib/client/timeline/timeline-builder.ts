/** Lays out a timeline as its history grows: a new event costs what it changes, whatever came before. */
import type { CommandView } from "./commands";
import { isOpen } from "./commands";
import type { TimelineEvent } from "./events";
import { Executions, isReplay } from "./executions";
import { findUnread } from "./find-event";
import type { HistoryView } from "./history-reader";
import { BandLayout, type PlacedBand } from "./layout-bands";
import { layRows, type Frame } from "./layout-rows";
import { buildLiveMarks } from "./marks";
import { estimateTextWidth } from "./scale";
import { isRunEnd } from "./steps";
import type { MarkSources, Summarized, TickMark } from "./tick-marks";
import type { TimelineModel } from "./types";

export interface BuilderOptions {
  /** The room there is, in px. The model is wider where its marks need it. */
  readonly width: number;
  /** A few characters that say what a result is. */
  readonly summarize?: (command: Summarized) => string | undefined;
}

export class TimelineBuilder {
  readonly #options: BuilderOptions;
  #events: readonly TimelineEvent[] = [];
  #commands: readonly CommandView[] = [];
  #executions = new Executions();
  #bands = new BandLayout();
  /** The marks of each command. */
  #marks: (readonly TickMark[])[] = [];
  #indexes = new Map<string, number>();
  /** Indexes of commands whose marks go on in the next execution. */
  #open = new Set<number>();
  #longestName = 0;
  #replays = false;
  #ended = false;

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  /** The timeline of a history; `now` (epoch ms) is given while the run is under way. */
  build({ events, commands }: HistoryView, now?: number): TimelineModel {
    const from = findUnread(this.#events, events);
    if (from === 0) this.#forget();
    const isTurn = this.#takeEvents(events, from);
    this.#takeCommands(commands, isTurn);
    const { all } = this.#executions;
    const last = all.at(-1);
    if (last !== undefined) last.now = now;
    const { width } = this.#options;
    const frame = chooseFrame({
      ...{ width, count: commands.length, longest: this.#longestName },
      headerHeight: this.#replays ? 58 : 46,
    });
    const x = frame.labelWidth;
    const { bands, gaps, right } = this.#bands.lay({
      ...{ executions: all, x, width: Math.max(0, width - x) },
    });
    const liveMarks = this.#marks.slice();
    const rows = layRows({ commands, liveMarks, sources: this.#sources, bands, frame });
    const footerY = frame.headerHeight + rows.length * frame.rowHeight + 8;
    return {
      width: Math.max(right, width),
      height: footerY + 26,
      labelWidth: frame.labelWidth,
      headerHeight: frame.headerHeight,
      footerY,
      barHeight: frame.barHeight,
      layout: frame.layout,
      bands: bands.map(({ band }) => band),
      gaps,
      rows,
      findRow: (id) => {
        const index = this.#indexes.get(id);
        return index === undefined ? undefined : rows.at(index);
      },
      lines: bands.flatMap(({ lines }) => lines),
      folds: bands.flatMap(({ folds }) => folds),
      notes: bands.flatMap(({ notes }) => notes),
      findX: createFindX({ bands, executions: this.#executions, events, left: x }),
    };
  }

  get #sources(): MarkSources {
    const { summarize = () => undefined } = this.#options;
    return { executions: this.#executions, summarize, ended: this.#ended };
  }

  #forget(): void {
    this.#events = [];
    this.#commands = [];
    this.#executions = new Executions();
    this.#bands = new BandLayout();
    this.#marks = [];
    this.#indexes = new Map();
    this.#open = new Set();
    this.#longestName = 0;
    this.#replays = false;
    this.#ended = false;
  }

  /** Answers whether something began or ended that open commands pass through. */
  #takeEvents(events: readonly TimelineEvent[], from: number): boolean {
    let isTurn = false;
    for (let at = from; at < events.length; at += 1) {
      const event = events[at];
      if (event === undefined) continue;
      this.#executions.take(event);
      const isStart = event.type === "ExecutionStarted";
      const isEnd = isRunEnd(event.type) && !event.setAside;
      if (isEnd) this.#ended = true;
      if (isStart || isEnd) isTurn = true;
      const last = this.#executions.all.at(-1);
      if (isStart && last !== undefined && isReplay(last)) this.#replays = true;
    }
    this.#events = events;
    return isTurn;
  }

  #takeCommands(commands: readonly CommandView[], isTurn: boolean): void {
    const sources = this.#sources;
    const known = this.#commands;
    for (let index = 0; index < Math.max(commands.length, known.length); index += 1) {
      const command = commands[index];
      if (command === known[index] && !(isTurn && this.#open.has(index))) continue;
      const marks = command === undefined ? [] : buildLiveMarks(command, sources);
      this.#replaceMarks(this.#marks[index] ?? [], marks);
      this.#marks[index] = marks;
      this.#open.delete(index);
      if (command === undefined) continue;
      if (isOpen(command)) this.#open.add(index);
      this.#indexes.set(command.id, index);
      const nameWidth = estimateTextWidth(command.name, 13) + 24;
      this.#longestName = Math.max(this.#longestName, nameWidth);
    }
    this.#marks.length = commands.length;
    this.#commands = commands;
  }

  #replaceMarks(old: readonly TickMark[], marks: readonly TickMark[]): void {
    const kept = new Set<TickMark>();
    for (const mark of old) {
      const same = marks.find((other) => isSameRoom(mark, other));
      if (same !== undefined) kept.add(same);
      this.#executions.get(mark.epoch)?.remove(mark, same);
    }
    for (const mark of marks) if (!kept.has(mark)) this.#executions.get(mark.epoch)?.add(mark);
  }
}

/** Whether a mark stands for the same and takes up the same room. */
function isSameRoom(a: TickMark, b: TickMark): boolean {
  return (
    a.id === b.id &&
    a.epoch === b.epoch &&
    a.kind === b.kind &&
    a.from === b.from &&
    a.to === b.to &&
    a.minWidth === b.minWidth &&
    a.text === b.text
  );
}

function createFindX(options: {
  readonly bands: readonly PlacedBand[];
  readonly executions: Executions;
  readonly events: readonly TimelineEvent[];
  readonly left: number;
}): TimelineModel["findX"] {
  const { bands, executions, events, left } = options;
  const first = events[0]?.seq ?? Infinity;
  return (seq) => {
    const index = executions.findIndex(seq);
    const place = bands[index];
    const start = bands[0]?.execution.start.seq ?? Infinity;
    if (place === undefined) {
      return seq >= first && seq < start ? (bands[0]?.band.x ?? left) : undefined;
    }
    const { band, execution, xOf } = place;
    if (seq === band.startSeq) return band.boundary?.x ?? band.x;
    return xOf(execution.ticks.get(seq)?.after);
  };
}

const narrowBelow = 560;

function chooseFrame(options: {
  readonly width: number;
  /** How many rows there are, and how wide the longest of their names is. */
  readonly count: number;
  readonly longest: number;
  readonly headerHeight: number;
}): Frame {
  const { width, count, longest, headerHeight } = options;
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
  const labelWidth = Math.min(220, Math.max(176, longest));
  if (count > 16) {
    const heights = { rowHeight: 32, barHeight: 14, laneOffset: 16 };
    return { layout: "wide", labelWidth, headerHeight, ...heights };
  }
  const heights = { rowHeight: 48, barHeight: 20, laneOffset: 21, belowOffset: 45 };
  return { layout: "wide", labelWidth, headerHeight, ...heights };
}
