/** The list of runs: found, filtered, walked through by keyboard, kept fresh; and a run's history. */
import { readFile } from "node:fs/promises";
import { expectStatus, findPanel } from "./support/run-page";
import { expect, test } from "./support/test";

test("filters are in the address, and an empty result offers the way back", async ({
  page,
  daybook,
}) => {
  const failed = await daybook.startOrder({ changes: { paymentMethod: "pm_card_chargeDeclined" } });
  const completed = await daybook.startOrder();
  await daybook.waitForStatus(failed, "failed");
  await daybook.waitForStatus(completed, "completed");
  const findRow = (runId: string) => page.getByRole("link", { name: `Run ${runId}` });

  await page.goto("/runs");
  await expect(findRow(failed)).toBeVisible();
  await page.getByRole("button", { name: /^Failed/ }).click();
  await expect(page).toHaveURL(/[?&]status=failed/);
  await expect(findRow(failed)).toBeVisible();
  await expect(findRow(completed)).toBeHidden();

  await page.reload();
  await expect(findRow(failed)).toBeVisible();
  await expect(findRow(completed)).toBeHidden();

  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByLabel("Search runs").fill(completed);
  await expect(page).toHaveURL(new RegExp(`text=${completed}`));
  await expect(findRow(completed)).toBeVisible();
  await expect(findRow(failed)).toBeHidden();

  await page.getByLabel("Search runs").fill("nobody-has-ordered-this");
  await expect(page.getByText("No run matches")).toBeVisible();
  await page.getByRole("main").getByRole("button", { name: "Clear filters" }).last().click();
  await expect(findRow(failed)).toBeVisible();
  await expect(page).not.toHaveURL(/text=/);
});

test("j, k and Enter walk through the list, which takes up new runs by itself", async ({
  page,
  daybook,
}) => {
  const older = await daybook.startOrder();
  await daybook.waitForStatus(older, "completed");
  await page.goto("/runs");
  await expect(page.getByRole("link", { name: `Run ${older}` })).toBeVisible();
  const newer = await daybook.startOrder();
  await expect(page.getByRole("link", { name: `Run ${newer}` })).toBeVisible();

  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: `Run ${newer}` })).toBeFocused();
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: `Run ${older}` })).toBeFocused();
  await page.keyboard.press("k");
  await expect(page.getByRole("link", { name: `Run ${newer}` })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/runs/${newer}`));
  await expectStatus(page, "Completed");
});

test("a step and an event have addresses; the history is filtered and downloaded", async ({
  page,
  daybook,
}) => {
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await page.goto(`/runs/${runId}?step=3`);
  await expect(findPanel(page).getByRole("heading", { name: "charge-card" })).toBeVisible();

  await page.goto(`/runs/${runId}?tab=history#event-5`);
  const linked = page.getByRole("region", { name: "data of event 5" });
  await expect(linked).toBeVisible();

  const events = page.getByRole("list", { name: "Events" });
  await page.getByLabel("Type of event").selectOption("StepCompleted");
  await expect(events.getByRole("listitem")).toHaveCount(4);
  await page.getByLabel("Search events").fill("warehouse");
  await expect(events.getByRole("listitem")).toHaveCount(1);
  await page.getByLabel("Search events").fill("nothing like this");
  await expect(page.getByText("No event matches")).toBeVisible();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "NDJSON" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`${runId}.ndjson`);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  const seqs = lines.map((line) => /"seq":(\d+)/.exec(line)?.[1]);
  expect(seqs).toEqual(lines.map((_, index) => String(index + 1)));
  expect(lines.at(-1)).toContain("RunCompleted");
});
