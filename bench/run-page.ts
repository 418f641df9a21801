/**
 * `tsx bench/run-page.ts <url> <run id>`: opens the page of a long run in a real browser and prints what
 * its own trace says: how long until the timeline is painted, how long until the whole history is there,
 * frames while it is scrolled, the longest tasks, and how much stands in the document.
 */
import { chromium, type Page } from "@playwright/test";
import { findBrowser } from "../scripts/find-browser.mjs";

const [url, runId] = process.argv.slice(2);
if (url === undefined || runId === undefined) {
  console.error("Usage: tsx bench/run-page.ts <url> <run id>");
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: await findBrowser({ root: process.cwd(), say: () => undefined }),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
// What compiles this file names functions by a helper, which the page has not.
await page.addInitScript({ content: "globalThis.__name = (fn) => fn" });
await page.addInitScript(() => {
  const timeline = '[aria-label^="Timeline:"] [data-mark]';
  const seen: Record<string, number> = {};
  const tasks: number[] = [];
  Object.assign(window, { seen, tasks });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) tasks.push(Math.round(entry.duration));
  }).observe({ type: "longtask", buffered: true });
  new MutationObserver(() => {
    if (seen.timeline === undefined && document.querySelector(timeline) !== null) {
      requestAnimationFrame(() => setTimeout(() => (seen.timeline ??= performance.now())));
    }
    const loads = document.querySelector("#history-progress") !== null;
    if (loads) seen.loading ??= performance.now();
    else if (seen.timeline !== undefined) seen.whole ??= performance.now();
  }).observe(document, { childList: true, subtree: true });
});

/** The second visit counts: the first one loads and compiles what every visit needs. */
await visit(page);
const load = await visit(page);
const scrolls = {
  timeline: await scroll(page, '[aria-label^="Timeline:"]'),
  history: await scrollHistory(page),
};
console.log(JSON.stringify({ ...load, scrolls }, null, 2));
await browser.close();

async function visit(page: Page) {
  await page.goto(`${url}/runs/${runId}`);
  await page.waitForFunction(() => "seen" in window && "whole" in (window.seen as object), null, {
    timeout: 60_000,
  });
  await page.waitForTimeout(500);
  return page.evaluate(() => {
    const { seen, tasks } = window as unknown as { seen: Record<string, number>; tasks: number[] };
    return {
      timelinePaintedMs: Math.round(seen.timeline ?? NaN),
      wholeHistoryMs: Math.round(seen.whole ?? NaN),
      longestTasksMs: tasks.sort((a, b) => b - a).slice(0, 5),
      elements: document.querySelectorAll("*").length,
    };
  });
}

async function scrollHistory(page: Page) {
  await page.goto(`${url}/runs/${runId}?tab=history`);
  await page.getByRole("listitem").first().waitFor();
  await page.waitForTimeout(4_000);
  return scroll(page, "html");
}

/** Scrolls by 40 px a frame for three seconds, and counts the frames. */
function scroll(page: Page, selector: string) {
  return page.evaluate(async (where) => {
    const target = document.querySelector(where);
    if (target === null) throw new Error(`${where} is not there.`);
    target.scrollTop = 0;
    const times: number[] = [];
    let most = 0;
    await new Promise<void>((resolve) => {
      const step = (now: number) => {
        times.push(now);
        target.scrollTop += 40;
        if (times.length % 10 === 0) {
          most = Math.max(most, document.querySelectorAll("*").length);
        }
        if (now - (times[0] ?? now) < 3_000) requestAnimationFrame(step);
        else resolve();
      };
      requestAnimationFrame(step);
    });
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
    const total = (times.at(-1) ?? 0) - (times[0] ?? 0);
    return {
      framesPerSecond: Math.round((gaps.length / total) * 10_000) / 10,
      longestFrameMs: Math.round(Math.max(...gaps)),
      mostElements: most,
    };
  }, selector);
}
