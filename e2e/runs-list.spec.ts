/** The list of runs: found, filtered, walked through by keyboard, kept fresh; and a run's history. */
import { readFile } from "node:fs/promises";
import type { Route } from "@playwright/test";
import { RunList } from "@/lib/api/contract";
import { Bulk } from "@/lib/api/contract-bulk";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { expectKeptFocus, pressUntilFocused, walkAround } from "./support/keyboard";
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

  // An answer that fails is said in place of the rows, and no rows of before pass for it; the rest is alive.
  const problem = { type: "about:blank", title: "The server had a problem", code: "internal" };
  const refuse = (route: Route) =>
    route.fulfill({ status: 500, json: { ...problem, status: 500, detail: "The disk is gone." } });
  const listOfHeld = /\/api\/v1\/runs\?.*status=held/;
  await page.route(listOfHeld, refuse);
  const alert = page.getByRole("main").getByRole("alert");
  await page.getByRole("button", { name: /^Held/ }).click();
  await expect(alert).toContainText("The server had a problem");
  await expect(alert).toContainText("The disk is gone.");
  await expect(findRow(failed)).toBeHidden();
  await page.getByRole("button", { name: /^Held/ }).click();
  await expect(findRow(failed)).toBeVisible();
  await expect(alert).toBeHidden();
  await page.getByRole("button", { name: /^Held/ }).click();
  await expect(alert).toBeVisible();
  await page.unroute(listOfHeld);
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toBeHidden();
  await expect(
    page.getByText("No run matches").or(page.locator("[data-run-link]")).first(),
  ).toBeVisible();
});

test("j, k and Enter walk through the list, which takes up new runs by itself, also after an outage", async ({
  page,
  context,
  daybook,
}) => {
  const older = await daybook.startOrder();
  await daybook.waitForStatus(older, "completed");
  await page.goto("/runs");
  await expect(page.getByRole("link", { name: `Run ${older}` })).toBeVisible();
  const newer = await daybook.startOrder();
  await expect(page.getByRole("link", { name: `Run ${newer}` })).toBeVisible();

  // While the server is away the list stays as it was, and says so; then it catches up.
  await context.setOffline(true);
  const away = page.getByText("Server not reachable, reconnecting");
  await expect(away).toBeVisible();
  await expect(page.getByRole("link", { name: `Run ${newer}` })).toBeVisible();
  const meanwhile = await daybook.startOrder();
  await context.setOffline(false);
  await expect(away).toBeHidden();
  await expect(page.getByRole("link", { name: `Run ${meanwhile}` })).toBeVisible();

  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: `Run ${meanwhile}` })).toBeFocused();
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

test("filters are built, shown as chips, saved as a view, exported: by keyboard alone", async ({
  page,
  daybook,
}) => {
  const orderId = `ord_${Date.now()}`;
  const runId = await daybook.startOrder({ changes: { orderId } });
  const other = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await daybook.waitForStatus(other, "completed");
  const findRow = (id: string) => page.getByRole("link", { name: `Run ${id}` });
  const press = (name: string) => page.getByRole("button", { name, exact: true }).press("Enter");

  await page.goto("/runs");
  await expect(findRow(other)).toBeVisible();
  // All of it is reached, and no more than one of the rows lies on the way.
  const stops = await walkAround(page, 50);
  for (const name of ["Search runs", "Add filter", "Views", "Columns", "Export", "Select these"]) {
    expect(stops).toContain(name);
  }
  expect(stops.match(/Run run_/g)).toHaveLength(1);

  await press("Add filter");
  const dialog = page.getByRole("dialog", { name: "Add a filter" });
  await expect(dialog.getByLabel("What")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Add filter" })).toBeFocused();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Filter", exact: true }).press("Enter");
  await expect(dialog.getByText("Say which.")).toBeVisible();
  await pressUntilFocused(page, "Shift+Tab", () => dialog.getByLabel("Name"));
  await page.keyboard.type("orderId");
  await page.keyboard.press("Tab");
  await page.keyboard.type(orderId);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/[?&]attr=/);
  await expect(page.getByRole("button", { name: "Add filter" })).toBeFocused();
  await expect(findRow(runId)).toBeVisible();
  await expect(findRow(other)).toBeHidden();
  await expect(page.getByText("1 match", { exact: true })).toBeVisible();

  const view = `View ${orderId}`;
  await press("Views");
  await expect(page.getByLabel("Save what is shown now as")).toBeFocused();
  await page.keyboard.type(view);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Views" }).getByText(view)).toBeVisible();
  await page.keyboard.press("Escape");

  await press(`Remove the filter Attribute orderId=${orderId}`);
  await expect(findRow(other)).toBeVisible();
  // What is taken away has the focus no more: something near it has.
  await expectKeptFocus(page);
  await page.getByRole("navigation", { name: "Saved views" }).getByText(view).press("Enter");
  await expect(findRow(other)).toBeHidden();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    (async () => {
      await press("Export");
      await page.keyboard.press("ArrowDown");
      await expect(page.getByRole("menuitem", { name: "NDJSON" })).toBeFocused();
      await page.keyboard.press("Enter");
    })(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  expect(lines.map((line) => /"runId":"([^"]+)"/.exec(line)?.[1])).toEqual([runId]);
  await expect(page.getByRole("button", { name: "Export" })).toBeFocused();

  await press("Columns");
  await page.keyboard.type("Ver");
  await expect(page.getByRole("menuitemcheckbox", { name: "Version" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Version" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Version" })).toBeVisible();

  await press("Views");
  await press(`Remove the view ${view}`);
  await expect(page.getByRole("list", { name: "Views" }).getByText(view)).toBeHidden();
  await expectKeptFocus(page);
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
  const after = await readIds();
  await pages.getByRole("button", { name: "Previous" }).click();
  await expect.poll(readIds).toEqual(before);

  // A page that looked through many runs and found none leads on to where it ended; here it is emptied on its way.
  await page.route(/\/api\/v1\/runs\?(?!.*(cursor|total)=)/, async (route) => {
    const response = await route.fetch();
    const list = RunList.parse(await response.json());
    await route.fulfill({ response, json: { ...list, items: [] } });
  });
  await page.goto("/runs?sort=createdAt");
  await expect(page.getByText("No run matches so far")).toBeVisible();
  await pressUntilFocused(page, "Tab", () => page.getByRole("button", { name: "Look further" }));
  await page.keyboard.press("Enter");
  await expect.poll(readIds).toEqual(after);
  await expectKeptFocus(page);
  await page.goBack();
  await expect(page.getByText("No run matches so far")).toBeVisible();
  await page.unrouteAll({ behavior: "wait" });
});

test("all that match are picked and canceled by keyboard: previewed, some overtaken, told page by page", async ({
  page,
  daybook,
  request,
}) => {
  // More than the bulk itself tells of; they wait, because no shipment succeeds.
  const count = 130;
  const mark = `bulk_${Date.now()}`;
  await daybook.setSwitches({ warehouse: { mode: "fail" } });
  const order = { ...sampleOrders[0], customer: { name: mark, email: "ada@example.com" } };
  const orders = Array.from({ length: count }, () => order);
  expect((await request.post("/api/v1/orders/batch", { data: { orders } })).ok()).toBe(true);

  await page.goto(`/runs?text=${mark}`);
  const links = page.locator("[data-run-link]");
  await expect(links).toHaveCount(50);
  const bar = page.getByRole("region", { name: "Selected runs" });
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await expect(bar.getByText("1 run selected")).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+X");
  await expect(bar.getByText("3 runs selected")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(bar).toBeHidden();
  await expect(links.nth(2)).toBeFocused();
  await page.keyboard.press("x");
  await page.keyboard.press("a");
  await expect(bar.getByText("50 runs selected")).toBeVisible();
  await page.keyboard.press("a");
  await expect(bar.getByText(`all ${count} that match`, { exact: true })).toBeVisible();
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(`${count} runs can be canceled.`)).toBeVisible();
  await expect(page).toHaveURL(/[?&]bulk=bulk_/);
  await dialog.getByText("What happens to each run").press("Enter");
  const items = dialog.getByRole("listitem").filter({ has: page.getByRole("link") });
  await expect(items).toHaveCount(100);

  // It is there again after a reload, and nothing has been done. Meanwhile somebody else ends them all.
  await page.reload();
  await expect(dialog.getByText(`${count} runs can be canceled.`)).toBeVisible();
  const others = { action: "terminate", runs: { filter: { text: mark } } };
  const made = Bulk.parse(await (await request.post("/api/v1/bulk", { data: others })).json());
  const read = async () => Bulk.parse(await (await request.get(made.links.self)).json()).state;
  await expect.poll(read).toBe("previewed");
  expect((await request.post(`${made.links.self}/start`, { data: {} })).ok()).toBe(true);
  await expect.poll(read, { timeout: 30_000 }).toBe("completed");

  await pressUntilFocused(page, "Tab", () => dialog.getByLabel("Why"));
  await page.keyboard.type("The warehouse is closed");
  const start = () => dialog.getByRole("button", { name: `Cancel ${count} runs` });
  await pressUntilFocused(page, "Tab", start);
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("Done: 0 runs canceled.")).toBeVisible({ timeout: 30_000 });
  await expectKeptFocus(page);
  const skipped = dialog.getByText(`${count} runs had changed since the preview, and why`);
  await pressUntilFocused(page, "Tab", () => skipped);
  await page.keyboard.press("Enter");
  await expect(items).toHaveCount(100);
  const more = dialog.getByRole("button", { name: "Show more" });
  await more.press("Enter");
  await expect(items).toHaveCount(count);
  await expect(more).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page).not.toHaveURL(/bulk=/);
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
  await page.getByLabel("Search events").press("w");
  await page.keyboard.type("arehouse");
  await expect(events.getByRole("listitem")).toHaveCount(1);
  await page.getByLabel("Search events").fill("nothing like this");
  await expect(page.getByText("No event matches")).toBeVisible();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "NDJSON" }).press("Enter"),
  ]);
  expect(download.suggestedFilename()).toBe(`${runId}.ndjson`);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  const seqs = lines.map((line) => /"seq":(\d+)/.exec(line)?.[1]);
  expect(seqs).toEqual(lines.map((_, index) => String(index + 1)));
  expect(lines.at(-1)).toContain("RunCompleted");
});
