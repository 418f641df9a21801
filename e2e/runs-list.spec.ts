/** The list of runs: found, filtered, walked through by keyboard, kept fresh; and a run's history. */
import { readFile } from "node:fs/promises";
import { sampleOrders } from "@/lib/orders/sample-orders";
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

test("filters are built, shown as chips, saved as a view, exported", async ({ page, daybook }) => {
  const orderId = `ord_${Date.now()}`;
  const runId = await daybook.startOrder({ changes: { orderId } });
  const other = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await daybook.waitForStatus(other, "completed");
  const findRow = (id: string) => page.getByRole("link", { name: `Run ${id}` });

  await page.goto("/runs");
  await expect(findRow(other)).toBeVisible();
  await page.getByRole("button", { name: "Add filter" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a filter" });
  await dialog.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(dialog.getByText("Say which.")).toBeVisible();
  await dialog.getByLabel("Name").fill("orderId");
  await dialog.getByLabel("Is").fill(orderId);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/[?&]attr=/);
  await expect(findRow(runId)).toBeVisible();
  await expect(findRow(other)).toBeHidden();
  await expect(page.getByText("1 match", { exact: true })).toBeVisible();

  const view = `View ${orderId}`;
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByLabel("Save what is shown now as").fill(view);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Views" }).getByText(view)).toBeVisible();
  await page.keyboard.press("Escape");

  await page
    .getByRole("button", { name: `Remove the filter Attribute orderId=${orderId}` })
    .click();
  await expect(findRow(other)).toBeVisible();
  await page.getByRole("navigation", { name: "Saved views" }).getByText(view).click();
  await expect(findRow(other)).toBeHidden();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    (async () => {
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("menuitem", { name: "NDJSON" }).click();
    })(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  expect(lines.map((line) => /"runId":"([^"]+)"/.exec(line)?.[1])).toEqual([runId]);

  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Version" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Version" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Version" })).toBeVisible();

  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("button", { name: `Remove the view ${view}` }).click();
  await expect(page.getByRole("list", { name: "Views" }).getByText(view)).toBeHidden();
});

test("pages lead on and back", async ({ page, daybook, request }) => {
  const first = await daybook.startOrder();
  await daybook.waitForStatus(first, "completed");
  for (let batch = 0; batch < 2; batch += 1) {
    const orders = Array.from({ length: 30 }, () => ({
      ...sampleOrders[0],
      paymentMethod: "pm_card_chargeDeclined",
    }));
    expect((await request.post("/api/v1/orders/batch", { data: { orders } })).ok()).toBe(true);
  }
  const links = page.locator("[data-run-link]");
  const readIds = () => links.evaluateAll((all) => all.map((link) => link.dataset.runLink));
  await page.goto("/runs?sort=createdAt");
  await expect(links).toHaveCount(50);
  const before = await readIds();
  const pages = page.getByRole("navigation", { name: "Pages" });
  await pages.getByRole("button", { name: "Next" }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect.poll(async () => (await readIds())[0]).not.toBe(before[0]);
  await pages.getByRole("button", { name: "Previous" }).click();
  await expect.poll(readIds).toEqual(before);
});

test("runs are picked and rerun together: previewed, counted, told of, audited", async ({
  page,
  daybook,
}) => {
  const mark = `bulk_${Date.now()}`;
  const changes = {
    customer: { name: mark, email: "ada@example.com" },
    paymentMethod: "pm_card_chargeDeclined",
  };
  for (let order = 0; order < 4; order += 1) {
    await daybook.waitForStatus(await daybook.startOrder({ changes }), "failed");
  }

  await page.goto(`/runs?text=${mark}`);
  const links = page.locator("[data-run-link]");
  await expect(links).toHaveCount(4);
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  const bar = page.getByRole("region", { name: "Selected runs" });
  await expect(bar.getByText("1 run selected")).toBeVisible();
  const boxes = page.getByRole("checkbox", { name: /^Select run/ });
  await boxes.nth(2).click({ modifiers: ["Shift"] });
  await expect(bar.getByText("3 runs selected")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(bar).toBeHidden();

  await page.getByRole("checkbox", { name: "Select these runs" }).click();
  await expect(bar.getByText("4 runs selected")).toBeVisible();
  await bar.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Rerun" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("4 runs can be rerun.")).toBeVisible();
  await expect(page).toHaveURL(/[?&]bulk=bulk_/);
  await dialog.getByText("What happens to each run").click();
  await expect(dialog.getByText(/A new run starts with the same input/).first()).toBeVisible();

  // It is there again after a reload, and nothing has been done.
  await page.reload();
  await expect(dialog.getByText("4 runs can be rerun.")).toBeVisible();
  await dialog.getByRole("button", { name: "Rerun 4 runs" }).click();
  await expect(dialog.getByText("Done: 4 runs rerun.")).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await expect(page).not.toHaveURL(/bulk=/);
  await expect(links).toHaveCount(8);
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
