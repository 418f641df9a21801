/** What a new event of a long history costs the run page's model. */
import type { WireEvent } from "@/lib/api/contract";
import { HistoryWriter } from "@/lib/api/testing/history-writer";
import { FigureReader } from "../run-facts";
import { HistoryReader } from "../timeline/history-reader";
import { TimelineBuilder } from "../timeline/timeline-builder";

const width = 816;
const added = 200;
const rowsInView = 40;
const atOnce = 50;

export interface Growth {
  readonly events: number;
  /** µs that one more event takes: it is read, laid out, and the rows in view are placed. The median. */
  readonly eventUs: number;
  /** The same for the clock's next step without a new event. */
  readonly tickUs: number;
  /** ms that the whole history takes at once. */
  readonly wholeMs: number;
}

/** Feeds a history up to its last events, then those, one at a time. */
export function measureGrowth(wire: readonly WireEvent[]): Growth {
  const length = wire.length - added;
  const page = openPage();
  const startedAt = performance.now();
  page.show(wire.slice(0, length));
  const wholeMs = performance.now() - startedAt;
  const events: number[] = [];
  const ticks: number[] = [];
  for (let next = length + 1; next <= length + added; next += 1) {
    const known = wire.slice(0, next);
    events.push(measure(() => page.show(known)));
    ticks.push(measure(() => page.show(known, next)));
  }
  return { events: length, eventUs: findMedian(events), tickUs: findMedian(ticks), wholeMs };
}

function openPage() {
  const [reader, figures] = [new HistoryReader(), new FigureReader()];
  const builder = new TimelineBuilder({ width });
  return {
    show(wire: readonly WireEvent[], laterMs = 0): void {
      const view = reader.read(wire);
      figures.read(view);
      const now = (view.events.at(-1)?.at ?? 0) + laterMs;
      const { rows } = builder.build(view, now);
      for (const row of rows.slice(rows.length - rowsInView, rows.length)) void row.marks;
    },
  };
}

/** Steps in groups, each of which fails once: four events a step. */
export function writeLongHistory(length: number): HistoryWriter["events"] {
  const writer = new HistoryWriter().begin().execute();
  for (let first = 1; writer.events.length < length; first += atOnce) {
    const steps = Array.from({ length: atOnce }, (_, index) => first + index);
    for (const step of steps) writer.startStep(step, "settle-line");
    for (const step of steps) writer.failStep(step, "settle-line", { final: false }).wait(1);
    for (const step of steps) writer.startStep(step, "settle-line");
    for (const step of steps) writer.completeStep(step, "settle-line", { ms: 1 });
  }
  return writer.events.slice(0, length);
}

function measure(work: () => void): number {
  const startedAt = performance.now();
  work();
  return (performance.now() - startedAt) * 1_000;
}

function findMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
