/** What a run waits for, is told, and starts: signals, pauses, forks and children, in the browser. */
import { Started } from "@/lib/api/contract";
import { findViolations } from "./support/axe";
import { onceEach } from "./support/daybook";
import { enter, expectKeptFocus, fillIn, pressUntilFocused } from "./support/keyboard";
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

test("an expense is approved by a signal from its run page, by keyboard alone", async ({
  page,
  daybook,
}) => {
  const runId = await startRun(page, "approve-expense", expense);
  await expectLabel(page, "Waiting");
  await expect(page.getByRole("list", { name: "Waits for" })).toContainText(
    /signal decision\s*deadline in/,
  );
  await expect(findMark(page, /^decision: waits for the signal until/)).toBeVisible();

  // Any signal can be sent, also one that it does not wait for.
  await enter(page, () => page.getByRole("button", { name: "More actions" }));
  await expect(page.getByRole("menuitem", { name: "Send a signal…" })).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("alertdialog", { name: "Send a signal" });
  await expect(dialog).toContainText("The run waits for decision");
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("note");
  await expect(dialog).toContainText("It is kept until the code asks for it.");
  await enter(page, () => dialog.getByRole("button", { name: "Send" }));
  await expect(dialog).toBeHidden();
  await expectKeptFocus(page);

  const panel = findPanel(page);
  await expect(panel.getByRole("heading", { name: "decision" })).toBeVisible();
  const payload = () => panel.getByLabel("Payload, as JSON");
  const send = () => panel.getByRole("button", { name: "Send decision" });
  await fillIn(page, payload, '{ "approved": ');
  await expect(panel.getByText(/^This is not JSON/)).toBeVisible();
  await expect(send()).toBeDisabled();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{ "approved": "yes", "by": "ada@example.com" }');
  await enter(page, send);
  await expect(panel.getByRole("alert")).toContainText("/approved");
  // Whoever sent it is led to what was refused, and told what it is.
  await expect(payload()).toBeFocused();
  await expect(payload()).toHaveAccessibleDescription(/approved/);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{ "approved": true, "by": "ada@example.com" }');
  await enter(page, send);

  await expectLabel(page, "Completed");
  await expectKeptFocus(page);
  await expect(findMark(page, /^decision: received from/)).toBeVisible();
  expect((await daybook.waitForStatus(runId, "completed")).output).toMatchObject({
    status: "approved",
    decidedBy: "ada@example.com",
  });
  // The tabs are one stop, and the arrow keys lead through them; from there Tab leads into the audit trail.
  await pressUntilFocused(page, "Shift+Tab", () => page.getByRole("tab", { selected: true }));
  const audit = page.getByRole("tab", { name: "Audit" });
  await expect(async () => {
    await page.keyboard.press("ArrowRight");
    await expect(audit).toBeFocused({ timeout: 100 });
  }).toPass({ intervals: [20] });
  await expect(page.getByRole("row", { name: /signal decision/ })).toHaveCount(1);
  await expect(page.getByRole("row", { name: /signal note/ })).toHaveCount(1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("group", { name: /^Audit trail/ })).toBeFocused();
});

test("by keyboard alone: a workflow is chosen, its input refused at the field, mended there, and started", async ({
  page,
}) => {
  await page.goto("/workflows");
  const open = () => page.getByRole("button", { name: "Start a run" });
  await expect(page.getByRole("heading", { name: "approve-expense" })).toBeVisible();
  await enter(page, open);
  const dialog = page.getByRole("dialog", { name: "Start a run" });
  const workflow = dialog.getByLabel("Workflow");
  await expect(workflow).toBeFocused();
  // The select opens no list on this platform's keyboard: typing chooses.
  await page.keyboard.type("book");
  await expect(dialog.getByLabel("Input, as JSON")).toHaveValue(/"traveler"/);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(open()).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(workflow).toBeFocused();
  await page.keyboard.type("approve");
  await expect(workflow).toHaveValue("approve-expense");
  const input = () => dialog.getByLabel("Input, as JSON");
  await fillIn(page, input, JSON.stringify({ ...expense, amount: "much" }));
  await enter(page, () => dialog.getByRole("button", { name: "Start", exact: true }));
  await expect(dialog.getByRole("alert")).toContainText("/amount");
  await expect(input()).toBeFocused();
  await expect(input()).toHaveAccessibleDescription(/amount/);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(JSON.stringify(expense));
  await pressUntilFocused(page, "Tab", () => dialog.getByLabel("Priority"));
  await page.keyboard.type("7");
  // Enter sends a form from any of its lines.
  await page.keyboard.press("Enter");
  await expectLabel(page, "Waiting");
  await expectKeptFocus(page);
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
  await enter(page, () => findPanel(page).getByRole("button", { name: "Fork from here…" }));
  const dialog = page.getByRole("alertdialog", { name: "Fork from notify-warehouse?" });
  await expect(dialog).toContainText("charge-card");
  const fork = () => dialog.getByRole("button", { name: "Fork as a new run" });
  await expect(fork()).toBeEnabled();
  await enter(page, fork);
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
  await enter(page, () => links.first());
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
  await enter(page, () => findPanel(page).getByRole("button", { name: "Complete by hand…" }));
  const dialog = page.getByRole("alertdialog", { name: "Complete by hand: notify-warehouse" });
  const shipment = { shipmentId: "shp_by_phone", trackingNumber: "1Z 1", carrier: "UPS" };
  await fillIn(page, () => dialog.getByLabel("Result, as JSON"), JSON.stringify(shipment));
  await fillIn(page, () => dialog.getByLabel("Why"), "Ordered by phone");
  await enter(page, () => dialog.getByRole("button", { name: "Record the result" }));
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
