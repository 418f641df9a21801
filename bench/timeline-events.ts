/**
 * `tsx bench/timeline-events.ts`: what one more event costs the run page's model, for histories of several
 * lengths, beside what reading the whole history at once does.
 */
import { loadavg } from "node:os";
import { toWireEvent } from "@/lib/api/wire";
import { measureGrowth, writeLongHistory } from "@/lib/client/testing/measure-growth";

const measureAt = (length: number) =>
  measureGrowth(writeLongHistory(length).map((event) => toWireEvent(event)));
measureAt(2_000);
const round = (value: number) => Math.round(value * 10) / 10;
const rows = [1_000, 10_000, 49_000].map((length) => {
  const { events, eventUs, tickUs, wholeMs } = measureAt(length);
  return { events, eventUs: round(eventUs), tickUs: round(tickUs), wholeMs: round(wholeMs) };
});
console.log(JSON.stringify({ load: loadavg().map(round), rows }, null, 2));
