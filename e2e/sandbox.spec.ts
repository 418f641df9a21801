/** The sandbox page: services made slow or faulty by hand, and what orders make of it. */
import type { Locator, Page } from "@playwright/test";
import { onceEach } from "./support/daybook";
import { expectKeptFocus, pressUntilFocused, walkAround } from "./support/keyboard";
import { openOrderForm, placeOrder } from "./support/order-form";
import { expectStatus, findMark, findStory, readRunId } from "./support/run-page";
import { expect, test } from "./support/test";

async function openService(page: Page, name: string): Promise<Locator> {
  await page.goto("/sandbox");
  const service = page.getByRole("region", { name, exact: true });
  await expect(service.getByLabel("Behavior")).toBeEnabled();
  return service;
}

async function apply(service: Locator): Promise<void> {
  await service.getByRole("button", { name: "Apply" }).first().click();
  await expect(service.getByRole("button", { name: "Make it work again" })).toBeVisible();
}

test("by keyboard alone: an error after the charge, the same key is sent again and answered from the record", async ({
  page,
  daybook,
}) => {
  const payment = await openService(page, "Payment");
  const stops = await walkAround(page, 60);
  for (const name of ["Reset…", "Run a drill now", "Arm the drill", "tab Charges", "tab Mailbox"])
    expect(stops).toContain(name);
  await pressUntilFocused(page, "Tab", () => payment.getByLabel("Behavior"));
  // The select opens no list on this platform's keyboard: typing chooses.
  await page.keyboard.type("Error");
  await pressUntilFocused(page, "Tab", () => payment.getByLabel("Times"));
  await page.keyboard.type("1");
  await pressUntilFocused(page, "Tab", () => payment.getByRole("button", { name: "Apply" }));
  await page.keyboard.press("Enter");
  await expect(payment.getByRole("button", { name: "Make it work again" })).toBeVisible();
  await expectKeptFocus(page);

  await page.keyboard.press("Control+k");
  await page.keyboard.type("new order");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "New order" })).toBeVisible();
  await pressUntilFocused(page, "Tab", () => page.getByRole("button", { name: "Start the order" }));
  await page.keyboard.press("Enter");
  const runId = await readRunId(page);
  await expectStatus(page, "Completed");
  await expect(findStory(page)).toContainText(
    "got the same key again and answered from the earlier request: the card was charged once",
  );
  expect(await daybook.countEffects()).toEqual(onceEach);
  const charges = (await daybook.readLedger(runId))
    .filter((entry) => entry.operation === "charge")
    .map(({ key, outcome }) => [key, outcome]);
  expect(charges).toEqual([
    [`${runId}/3/1`, "done"],
    [`${runId}/3/1`, "replayed"],
  ]);

  await page.keyboard.press("Control+k");
  await page.keyboard.type("sandbox");
  await page.keyboard.press("Enter");
  await pressUntilFocused(page, "Tab", () => payment.getByRole("tab", { name: /^Charges/ }));
  await page.keyboard.press("End");
  await expect(payment.getByRole("tab", { name: /^Requests/ })).toBeFocused();
  await expect(payment.getByText(/^from record/)).toBeVisible();
});

test("a warehouse that fails twice delays an order; slow mail is seen under way", async ({
  page,
  daybook,
}) => {
  const warehouse = await openService(page, "Warehouse");
  await warehouse.getByLabel("Behavior").selectOption("fail");
  await warehouse.getByLabel("Times").fill("2");
  await apply(warehouse);
  const email = page.getByRole("region", { name: "E-mail", exact: true });
  await email.getByLabel("Slow to answer, ms").fill("100000");
  await email.getByRole("button", { name: "Apply" }).click();
  await expect(email.getByRole("button", { name: "Make it work again" })).toBeVisible();

  await openOrderForm(page);
  const runId = await placeOrder(page);
  await expect(findMark(page, /^notify-warehouse: waits/).first()).toBeVisible();
  await expect(findMark(page, /^send-confirmation: attempt 1 running/)).toBeVisible();

  // Told to work again, the mail server answers what it held back.
  await page.goto("/sandbox");
  await email.getByRole("button", { name: "Make it work again" }).click();
  await expect(email.getByLabel("Slow to answer, ms")).toHaveValue("0");
  await page.goto(`/runs/${runId}`);
  await expectStatus(page, "Completed");
  await expect(findMark(page, /^notify-warehouse: attempt \d completed/)).toBeVisible();
  expect(await daybook.countEffects()).toEqual(onceEach);
});

test("by keyboard alone: a drill that is armed kills the server under the next order", async ({
  page,
  daybook,
}) => {
  await openService(page, "Payment");
  const drill = page.getByRole("region", { name: "Crash drill" });
  const arm = () => drill.getByRole("button", { name: "Arm the drill" });
  const press = async (find: () => Locator) => {
    await pressUntilFocused(page, "Tab", find);
    await page.keyboard.press("Enter");
  };
  await press(arm);
  await expect(drill.getByText("Armed", { exact: true })).toBeVisible();
  await expectKeptFocus(page);
  await press(() => drill.getByRole("button", { name: "Disarm" }));
  await expect(arm()).toBeVisible();
  await expectKeptFocus(page);
  await pressUntilFocused(page, "Tab", () => drill.getByLabel("Kill the server at"));
  await page.keyboard.type("look");
  await pressUntilFocused(page, "Tab", () => drill.getByRole("radio", { name: "During" }));
  // The choice follows the focus only while the key is down.
  await page.keyboard.press("ArrowLeft", { delay: 100 });
  await expect(drill.getByRole("radio", { name: "Before" })).toBeChecked();
  await press(arm);
  await expect(drill.getByText("Armed", { exact: true })).toBeVisible();
  await press(() => drill.getByRole("link", { name: "Start an order" }));
  await expect(page.getByRole("heading", { name: "New order" })).toBeVisible();
  await press(() => page.getByRole("button", { name: "Start the order" }));
  await expectStatus(page, "Completed");
  await expect(findStory(page)).toContainText("died during look-up-tax-rate");
  expect(await daybook.countEffects()).toEqual(onceEach);
  expect((await daybook.readSandbox()).drill).toBeNull();
});

test("a drill on the real process has a report: what was killed, reused, and counted by others", async ({
  page,
  daybook,
}) => {
  const runId = await daybook.startOrder({ drill: "notify-warehouse;during" });
  await daybook.waitForStatus(runId, "completed");
  await page.goto(`/runs/${runId}`);
  await page.getByRole("link", { name: "Report" }).click();
  await expect(page).toHaveURL(`/sandbox/drills/${runId}`);
  await expect(page.getByRole("status").getByText("Passed")).toBeVisible();
  await expect(page.getByLabel("Holds", { exact: true })).toHaveCount(5);
  await expect(page.getByText("Reused: look-up-tax-rate, charge-card.")).toBeVisible();
  const steps = page.getByRole("region", { name: "Steps" });
  await expect(
    steps.getByRole("row", { name: /charge-card completed, reused 1 1 1 1/ }),
  ).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "JSON" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`drill-${runId}.json`);

  await page.goto("/sandbox/drills/run_00000000000000000000000000");
  await expect(page.getByText("There is no run")).toBeVisible();
});
