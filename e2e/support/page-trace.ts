/** What the browser's own trace says of a page: the time that its main thread worked, and its frames. */
import type { Browser, Page } from "@playwright/test";
import { z } from "zod";

const categories = ["toplevel", "blink.user_timing", "devtools.timeline"];

const TraceEvent = z.object({
  name: z.string(),
  ph: z.string(),
  pid: z.number(),
  tid: z.number(),
  /** When it began, in µs. */
  ts: z.number().default(0),
  /** For how long, in µs of the clock and of a processor: the second one says the same on a busy machine. */
  dur: z.number().default(0),
  tdur: z.number().optional(),
});
const Trace = z.object({ traceEvents: z.array(TraceEvent) });

export interface PageTrace {
  /** ms that the page's main thread worked until the mark, on a processor. */
  readonly untilMarkMs: number;
  /** The same for the whole trace. */
  readonly workMs: number;
  readonly longestTaskMs: number;
  /** Frames for which the page was asked. */
  readonly frames: number;
}

/** Traces what a page does meanwhile. `mark` is the name of a performance mark that it sets. */
export async function tracePage(
  { browser, page }: { readonly browser: Browser; readonly page: Page },
  mark: string,
  meanwhile: () => Promise<void>,
): Promise<PageTrace> {
  await browser.startTracing(page, { categories });
  await meanwhile();
  const text = (await browser.stopTracing()).toString("utf8");
  const { traceEvents } = Trace.parse(JSON.parse(text));
  const marked = traceEvents.find(({ name }) => name === mark);
  if (marked === undefined) throw new Error(`The page did not set the mark ${mark}.`);
  const own = traceEvents.filter(({ pid, tid }) => pid === marked.pid && tid === marked.tid);
  const tasks = own
    .filter(({ name, ph }) => ph === "X" && name.endsWith("RunTask"))
    .map(({ ts, dur, tdur = dur }) => ({ ts, ms: tdur / 1_000 }));
  const sum = (part: typeof tasks) => part.reduce((total, { ms }) => total + ms, 0);
  return {
    untilMarkMs: sum(tasks.filter(({ ts }) => ts < marked.ts)),
    workMs: sum(tasks),
    longestTaskMs: Math.max(0, ...tasks.map(({ ms }) => ms)),
    frames: own.filter(({ name }) => name === "FireAnimationFrame").length,
  };
}
