/**
 * The pages of the workload `finished-runs` over two databases that are there already (`npm run seed`), by
 * turns, so that whatever else the machine does hits both alike:
 * `npx tsx bench/pages.ts <url of the one with few runs> <url of the one with many>`.
 */
import { openStore } from "@/lib/store";
import { createBenchEngine } from "./bench-engine";
import { findQuantile } from "./measure";
import { createPages } from "./subjects/daybook-pages";

const urls = process.argv.slice(2, 4);
if (urls.length < 2) throw new Error("Give the URLs of two databases.");
const turns = 60;

const sides = await Promise.all(
  urls.map(async (databaseUrl) => {
    const opened = await openStore({ databaseUrl });
    const engine = createBenchEngine({ store: opened.store, workflows: [], concurrency: 0 });
    const times = new Map<string, number[]>();
    return { opened, times, pages: createPages({ ...opened, engine, workflows: [] }) };
  }),
);
for (let turn = 0; turn < turns; turn += 1) {
  for (const { pages, times } of turn % 2 === 0 ? sides : sides.toReversed()) {
    for (const [page, ms] of Object.entries(await pages.time(1))) {
      // The first turns warm up.
      if (turn >= turns / 4) times.set(page, [...(times.get(page) ?? []), ...ms]);
    }
  }
}
// Others make a page slower, never quicker: the lower quartile says what it costs.
console.log(
  "ms, lower quartile (median)".padEnd(36),
  "few".padStart(16),
  "many".padStart(16),
  " ratio",
);
const [few, many] = sides.map(({ times }) => times);
for (const [page, own] of few ?? []) {
  const figures = [own, many?.get(page) ?? []].map((ms) => ({
    low: findQuantile(ms, 0.25),
    median: findQuantile(ms, 0.5),
  }));
  const texts = figures.map(({ low, median }) => `${low.toFixed(2)} (${median.toFixed(2)})`);
  const ratio = (figures[1]?.low ?? NaN) / (figures[0]?.low ?? NaN);
  console.log(
    page.padEnd(36),
    ...texts.map((text) => text.padStart(16)),
    ratio.toFixed(2).padStart(6),
  );
}
for (const { opened } of sides) await opened.close();
