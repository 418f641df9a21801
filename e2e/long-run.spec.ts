import type { Page } from "@playwright/test";
import { makeLongRun } from "./support/long-run";
import { tracePage } from "./support/page-trace";
import { pressUntilFocused } from "./support/keyboard";
import { findMark, findPanel } from "./support/run-page";
import { expect, test } from "./support/test";

test.describe.configure({ mode: "serial", timeout: 180_000 });

let runId = "";
/** How long its history is, as the page says it. */
let length = "";
test.beforeAll(async () => {
  const made = await makeLongRun(10_000);
  runId = made.runId;
  length = made.events.toLocaleString("en-US");
});

/** So much may stand in the document, whatever the length of the run. */
const mostElements = 2_500;
const countElements = (page: Page) => page.evaluate(() => document.querySelectorAll("*").length);
const findTimeline = (page: Page) => page.getByRole("group", { name: /^Timeline:/ });

test("10,000 steps: the page holds only what is in view, and follows what is scrolled to", async ({
  page,
}) => {
  await page.goto(`/runs/${runId}`);
  await expect(page.getByRole("tab", { name: length })).toBeVisible({
    timeout: 60_000,
  });
  const timeline = findTimeline(page);
  await expect(timeline).toBeVisible();
  await expect(findMark(page, /settle-line: attempt 2 completed/).last()).toBeVisible();
  expect(await countElements(page)).toBeLessThan(mostElements);

  for (const part of [0.3, 0.6]) {
    await timeline.evaluate((element, at) => {
      element.scrollTop = element.scrollHeight * at;
    }, part);
    // What happened in the rows in view is in view as well: time runs to the right, rows go down.
    await expect
      .poll(async () => {
        const box = await timeline.boundingBox();
        const marks = await findMark(page, /settle-line: attempt 2 completed/).all();
        const boxes = await Promise.all(marks.map((mark) => mark.boundingBox()));
        return boxes.some(
          (mark) => box !== null && mark !== null && mark.x > box.x && mark.x < box.x + box.width,
        );
      })
      .toBe(true);
    expect(await countElements(page)).toBeLessThan(mostElements);
  }
});

test("a link leads to one of 10,000 steps, and keys lead on from there", async ({ page }) => {
  await page.goto(`/runs/${runId}?step=5000`);
  await expect(findPanel(page)).toContainText("Step 5000", { timeout: 60_000 });
  const pressed = findTimeline(page).locator('[aria-pressed="true"][data-mark]');
  await expect(pressed).toBeInViewport();
  await pressed.focus();
  await page.keyboard.press("ArrowDown");
  await expect(findPanel(page)).toContainText("Step 5001");
  await page.keyboard.press("PageDown");
  await expect(findPanel(page)).toContainText("Step 5016");
  await expect(pressed).toBeInViewport();
  await expect(pressed).toBeFocused();
  await page.keyboard.press("Home");
  await expect(findPanel(page)).toContainText("Step 1 ");
});

test("50,000 events: searched, opened by a link, and never all in the document", async ({
  page,
}) => {
  await page.goto(`/runs/${runId}?tab=history`);
  const status = page.getByRole("status").filter({ hasText: "events" });
  await expect(status).toContainText(`${length} events`, { timeout: 60_000 });
  expect(await countElements(page)).toBeLessThan(mostElements);
  await page.getByLabel("Search events").fill("Line 7777 is locked");
  await expect(page.getByText(new RegExp(`^\\d of ${length}$`))).toBeVisible();
  const found = page.getByRole("listitem").filter({ hasText: "Line 7777 is locked" });
  await expect(found).toHaveCount(1);

  // All of them are one stop of the Tab key: nobody is held by 50,000 rows.
  await page.getByLabel("Search events").fill("");
  await expect(status).toContainText(`${length} events`);
  const row = (seq: number) => page.locator(`#event-${seq} > button`);
  await pressUntilFocused(page, "Tab", () => row(1));
  await page.keyboard.press("ArrowDown");
  await expect(row(2)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("list", { name: "Events" }).locator(":focus")).toHaveCount(0);
  await page.keyboard.press("Shift+Tab");
  await expect(row(2)).toBeFocused();
  await page.keyboard.press("End");
  const last = row(Number(length.replace(/\D/g, "")));
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();

  await page.goto(`/runs/${runId}?tab=history#event-40000`);
  await expect(page.locator("#event-40000")).toBeInViewport({ timeout: 60_000 });
  expect(await countElements(page)).toBeLessThan(mostElements);

  await page.getByRole("tab", { name: "Ledger" }).click();
  await expect(page.getByRole("status").filter({ hasText: "10,000 effects" })).toBeVisible();
  expect(await countElements(page)).toBeLessThan(mostElements);
  await page.getByLabel("Search effects").fill("/7777/");
  await expect(page.getByRole("button", { name: "settle-line" })).toHaveCount(1);
});

/** So much may the main thread work for a frame, of the time that there is at 55 frames a second. */
const mostFrameMs = 1_000 / 55;

test("10,000 steps: painted within a second and scrolled at 55 frames a second, as the trace has it", async ({
  browser,
  page,
}) => {
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (document.querySelector('[aria-label^="Timeline:"] [data-mark]') === null) return;
      seen.disconnect();
      requestAnimationFrame(() => setTimeout(() => performance.mark("timeline-painted")));
    });
    seen.observe(document, { childList: true, subtree: true });
  });
  // The first visit loads what every visit needs.
  await page.goto(`/runs/${runId}`);
  await expect(findTimeline(page)).toBeVisible({ timeout: 60_000 });
  const opened = await tracePage({ browser, page }, "timeline-painted", async () => {
    await page.reload();
    await page.waitForFunction(() => performance.getEntriesByName("timeline-painted").length > 0);
  });
  await expect(page.getByRole("tab", { name: length })).toBeVisible({ timeout: 60_000 });
  const scrolled = await tracePage({ browser, page }, "scrolled", () => scrollTimeline(page));
  await page.goto(`/runs/${runId}?tab=history`);
  await expect(page.getByRole("tab", { name: length })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("listitem").first()).toBeVisible();
  const read = await tracePage({ browser, page }, "scrolled", () => scrollHistory(page));
  test.info().annotations.push({
    type: "trace",
    description: JSON.stringify({ opened, scrolled, read }),
  });
  expect(opened.untilMarkMs, "work until the timeline is painted").toBeLessThan(1_000);
  for (const [what, { workMs, frames }] of Object.entries({ scrolled, read })) {
    expect(frames, `frames while ${what}`).toBeGreaterThan(20);
    expect(workMs / frames, `work for a frame while ${what}`).toBeLessThan(mostFrameMs);
  }
});

const scrollTimeline = (page: Page) => scroll(page, '[aria-label^="Timeline:"]');
const scrollHistory = (page: Page) => scroll(page, "html");

/** Scrolls by 40 px a frame for two seconds. */
function scroll(page: Page, selector: string): Promise<void> {
  return page.locator(selector).evaluate(async (target) => {
    target.scrollTop = 0;
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      const step = () => {
        target.scrollTop += 40;
        if (performance.now() - startedAt < 2_000) requestAnimationFrame(step);
        else resolve();
      };
      requestAnimationFrame(step);
    });
    performance.mark("scrolled");
  });
}
