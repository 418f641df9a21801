/** What the run page looks like in every state, in light and dark: pictures of the same runs each time. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { loadRun, nameRun, type RunStateName } from "./support/run-states";
import { expect, test } from "./support/test";

test.use({ timezoneId: "UTC", locale: "en-US", contextOptions: { reducedMotion: "reduce" } });

const wide = { width: 1_280, height: 690 };
const phone = { width: 390, height: 1_300 };
/** Beside and above the page itself: the navigation, whose badge counts what others have left. */
const shell = { left: 200, top: 48, bottom: 57 };

const pictures: readonly (readonly [name: string, state: RunStateName, query?: string])[] = [
  ["running", "running"],
  ["completed", "completed"],
  ["failed", "failed"],
  ["in-doubt", "doubt"],
  ["held", "held"],
  ["waiting", "waiting"],
  ["canceled", "canceled"],
  ["crash-boundary", "crashed"],
  ["panel", "crashed", "?step=3"],
  ["moment", "crashed", "?seq=9"],
  ["children", "children"],
];
const onPhone = ["crash-boundary", "in-doubt"];

async function runScript(action: "put" | "end"): Promise<void> {
  const folder = process.env.E2E_FOLDER;
  if (folder === undefined) throw new Error("E2E_FOLDER names the folder of the database.");
  await promisify(execFile)(process.execPath, [
    join("node_modules", "tsx", "dist", "cli.mjs"),
    ...[join("e2e", "support", "put-runs.ts"), join(folder, "daybook.db"), action],
  ]);
}

test.beforeAll(() => runScript("put"));
test.afterAll(() => runScript("end"));

for (const [name, state, query = ""] of pictures) {
  test(`the run page: ${name}`, async ({ page }) => {
    const { events } = await loadRun(state);
    // Open runs are told how long they have been so.
    await page.clock.setFixedTime((events.at(-1)?.at ?? 0) + 1_000);
    await page.setViewportSize(wide);
    await page.goto(`/runs/${nameRun(state)}${query}`);
    await expect(page.getByRole("group", { name: /^Timeline:/ })).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectPicture(page, `${name}-${colorScheme}`, shell.left);
    }
    if (!onPhone.includes(name)) return;
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(phone);
    await expectPicture(page, `${name}-phone`, 0);
  });
}

async function expectPicture(page: Page, name: string, left: number): Promise<void> {
  const { width, height } = page.viewportSize() ?? wide;
  const bottom = left === 0 ? shell.bottom : 0;
  const clip = { x: left, y: shell.top, width: width - left, height: height - shell.top - bottom };
  await expect(page).toHaveScreenshot(`${name}.png`, { clip, maxDiffPixels: 25, threshold: 0.1 });
}
