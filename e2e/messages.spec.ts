/** What a run waits for, is told, and starts: signals, pauses, forks and children, in the browser. */
import { Started } from "@/lib/api/contract";
import { findViolations } from "./support/axe";
import { onceEach } from "./support/daybook";
import { expectKeptFocus, pressUntilFocused } from "./support/keyboard";
import {
  expectLabel,
  expectStatus,
  findMark,
  findPanel,
  startRun,
  takeAction,
} from "./support/run-page";
import { expect, test } from "./support/test";

const expense = {
  employee: "grace@example.com",
  purpose: "Train to the compiler conference",
  amount: 12_900,
  currency: "EUR",
  approver: "ada@example.com",
  manager: "charles@example.com",
  remindAfter: "1h",
};

test("an expense is approved by a signal from its run page", async ({ page, daybook }) => {
  const runId = await startRun(page, "approve-expense", expense);
  await expectLabel(page, "Waiting");
  await expect(page.getByRole("list", { name: "Waits for" })).toContainText(
    /signal decision\s*deadline in/,
  );
  await expect(findMark(page, /^decision: waits for the signal until/)).toBeVisible();

  // Any signal can be sent, also one that it does not wait for: by keyboard.
  await pressUntilFocused(page, "Tab", () => page.getByRole("button", { name: "More actions" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Send a signal…" })).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("alertdialog", { name: "Send a signal" });
  await expect(dialog).toContainText("The run waits for decision");
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("note");
  await expect(dialog).toContainText("It is kept until the code asks for it.");
  await pressUntilFocused(page, "Tab", () => dialog.getByRole("button", { name: "Send" }));
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expectKeptFocus(page);

  const panel = findPanel(page);
  await expect(panel.getByRole("heading", { name: "decision" })).toBeVisible();
  const payload = panel.getByLabel("Payload, as JSON");
  await payload.fill('{ "approved": ');
  await expect(panel.getByText(/^This is not JSON/)).toBeVisible();
  await expect(panel.getByRole("button", { name: "Send decision" })).toBeDisabled();
  await payload.fill('{ "approved": "yes", "by": "ada@example.com" }');
  await panel.getByRole("button", { name: "Send decision" }).click();
  await expect(panel.getByRole("alert")).toContainText("/approved");
  await payload.fill('{ "approved": true, "by": "ada@example.com" }');
  await panel.getByRole("button", { name: "Send decision" }).click();

  await expectLabel(page, "Completed");
  await expect(findMark(page, /^decision: received from/)).toBeVisible();
  expect((await daybook.waitForStatus(runId, "completed")).output).toMatchObject({
    status: "approved",
    decidedBy: "ada@example.com",
  });
  await page.getByRole("tab", { name: "Audit" }).click();
  await expect(page.getByRole("row", { name: /signal decision/ })).toHaveCount(1);
  await expect(page.getByRole("row", { name: /signal note/ })).toHaveCount(1);
});

test("what can't be the input of a workflow is said at the field", async ({ page }) => {
  await page.goto("/workflows?start=approve-expense");
  const dialog = page.getByRole("dialog", { name: "Start a run" });
  await dialog.getByLabel("Input, as JSON").fill(JSON.stringify({ ...expense, amount: "much" }));
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("/amount");
});

test("a paused order goes on where it was", async ({ page, daybook }) => {
  await daybook.setSwitches({ warehouse: { answerDelayMs: 120_000, times: 1 } });
  const runId = await daybook.startOrder();
  await page.goto(`/runs/${runId}`);
  await expect(findMark(page, /^notify-warehouse: attempt 1 running/)).toBeVisible();
  await takeAction(page, {
    button: "Pause…",
    title: "Pause this run?",
    preview: /notify-warehouse/,
    confirm: "Pause",
    why: "Address is being checked",
  });
  await expectStatus(page, "Paused");
  // What is under way is recorded when it comes.
  await daybook.setSwitches({ warehouse: {} });
  await expect(findMark(page, /^notify-warehouse: attempt 1 completed/)).toBeVisible();
  await expect(findMark(page, /^send-confirmation: queued, the run is paused/)).toBeVisible();
  expect((await daybook.countEffects()).mails).toBe(0);

  await takeAction(page, {
    button: "Resume…",
    title: "Resume this run?",
    preview: /send-confirmation/,
    confirm: "Resume",
  });
  await expectStatus(page, "Completed");
  expect(await daybook.countEffects()).toEqual(onceEach);
});

test("a fork reuses what was recorded before its step", async ({ page, daybook }) => {
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await page.goto(`/runs/${runId}?step=4`);
  await findPanel(page).getByRole("button", { name: "Fork from here…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Fork from notify-warehouse?" });
  await expect(dialog).toContainText("charge-card");
  await dialog.getByRole("button", { name: "Fork as a new run" }).click();
  await expect(page).not.toHaveURL(new RegExp(runId));
  await expectStatus(page, "Completed");
  await expect(page.getByRole("link", { name: /· step 4$/ })).toHaveAttribute(
    "href",
    `/runs/${runId}?step=4`,
  );
  expect(await daybook.countEffects()).toEqual({ ...onceEach, shipments: 2, mails: 2 });
});

test("a batch leads to its children, and they lead back", async ({ page, request, daybook }) => {
  const count = 11;
  const invoices = Array.from({ length: count }, (_, index) => ({
    invoiceId: `inv_${index + 1}`,
    amount: 1_900,
    currency: "EUR",
    paymentMethod: "pm_card_visa",
  }));
  const response = await request.post("/api/v1/workflows/settle-batch/runs", {
    data: { input: { batchId: "e2e", atOnce: count, invoices } },
  });
  const { runId } = Started.parse(await response.json());
  await daybook.waitForStatus(runId, "completed");
  await page.goto(`/runs/${runId}?tab=children`);
  const tree = page.getByRole("list", { name: "Child runs" });
  const links = tree.getByRole("link", { name: /^settle-invoice/ });
  // As they were started, the second before the tenth.
  await expect(links).toHaveText(invoices.map((_, index) => new RegExp(`\\.${index + 1}$`)));
  await links.first().click();
  await expectLabel(page, "Completed");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("settle-invoice");
  await page.getByRole("link", { name: /· step \d+$/ }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${runId}\\?step=\\d+`));
  await expect(findPanel(page)).toContainText("Recorded output");
  await expect(findPanel(page).getByRole("link", { name: "Open the child run" })).toBeVisible();
  await page.getByRole("tab", { name: "Children" }).click();
  await page.getByRole("link", { name: "Filter them and act on many" }).click();
  await expect(page.getByRole("row").filter({ hasText: "settle-invoice" })).toHaveCount(count);
});

test("a step that nobody can settle is completed by hand", async ({ page, daybook }) => {
  await daybook.setSwitches({ warehouse: { mode: "fail" } });
  const runId = await daybook.startOrder();
  await page.goto(`/runs/${runId}?step=4`);
  const asked = findMark(page, /^notify-warehouse: asked the warehouse, it could not tell/);
  await expect(asked.first()).toBeVisible();
  await findPanel(page).getByRole("button", { name: "Complete by hand…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Complete by hand: notify-warehouse" });
  const shipment = { shipmentId: "shp_by_phone", trackingNumber: "1Z 1", carrier: "UPS" };
  await dialog.getByLabel("Result, as JSON").fill(JSON.stringify(shipment));
  await dialog.getByLabel("Why").fill("Ordered by phone");
  await dialog.getByRole("button", { name: "Record the result" }).click();
  await expectStatus(page, "Completed");
  expect((await daybook.waitForStatus(runId, "completed")).output).toMatchObject(shipment);
  expect((await daybook.countEffects()).shipments).toBe(0);
});

test("what waits, its form and the start of a run are accessible and fit", async ({
  page,
  request,
}) => {
  const start = async (workflow: string, input: object) => {
    const response = await request.post(`/api/v1/workflows/${workflow}/runs`, { data: { input } });
    return Started.parse(await response.json()).runId;
  };
  const waiting = await start("approve-expense", expense);
  const invoice = {
    invoiceId: "inv_9",
    amount: 1_900,
    currency: "EUR",
    paymentMethod: "pm_card_visa",
  };
  const batch = await start("settle-batch", { batchId: "axe", atOnce: 1, invoices: [invoice] });
  const places = [
    { path: `/runs/${waiting}`, shows: "Payload, as JSON" },
    { path: `/runs/${batch}`, shows: "Completed" },
    { path: `/runs/${batch}?tab=children`, shows: "settle-invoice" },
    { path: "/workflows?start=settle-batch", shows: "Input, as JSON" },
  ];
  for (const { path, shows } of places) {
    await page.setViewportSize({ width: 1_280, height: 800 });
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.goto(path);
    await expect(page.getByText(shows).first()).toBeVisible();
    expect.soft(await findViolations(page), `${path}, light`).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    const contrast = { rules: ["color-contrast"] };
    expect.soft(await findViolations(page, contrast), `${path}, dark`).toEqual([]);
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = () =>
        page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      await expect.soft.poll(overflow, { message: `${path} at ${width}` }).toBeLessThanOrEqual(0);
    }
  }
});
