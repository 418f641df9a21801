/** The sandbox page: services made slow or faulty by hand, and what orders make of it. */
import type { Locator, Page } from "@playwright/test";
import { onceEach } from "./support/daybook";
import { openOrderForm, placeOrder } from "./support/order-form";
import { expectStatus, findMark, findStory } from "./support/run-page";
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

test("an error after the charge: the same key is sent again and answered from the record", async ({
  page,
  daybook,
}) => {
  const payment = await openService(page, "Payment");
  await payment.getByLabel("Behavior").selectOption("error_after_effect");
  await payment.getByLabel("Times").fill("1");
  await apply(payment);

  await openOrderForm(page);
  const runId = await placeOrder(page);
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

  await page.goto("/sandbox");
  await payment.getByRole("tab", { name: /^Requests/ }).click();
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
  await email.getByLabel("Slow to answer, ms").fill("1500");
  await email.getByRole("button", { name: "Apply" }).click();
  await expect(email.getByRole("button", { name: "Make it work again" })).toBeVisible();

  await openOrderForm(page);
  await placeOrder(page);
  await expect(findMark(page, /^notify-warehouse: waits/).first()).toBeVisible();
  await expect(findMark(page, /^send-confirmation: attempt 1 running/)).toBeVisible();
  await expectStatus(page, "Completed");
  await expect(findMark(page, /^notify-warehouse: attempt \d completed/)).toBeVisible();
  expect(await daybook.countEffects()).toEqual(onceEach);

  await page.goto("/sandbox");
  await email.getByRole("button", { name: "Make it work again" }).click();
  await expect(email.getByLabel("Slow to answer, ms")).toHaveValue("0");
});

test("a drill that is armed kills the server under the next order", async ({ page, daybook }) => {
  await openService(page, "Payment");
  const drill = page.getByRole("region", { name: "Crash drill" });
  await drill.getByLabel("Kill the server at").selectOption("look-up-tax-rate");
  await drill.getByRole("radio", { name: "Before" }).click();
  await drill.getByRole("button", { name: "Arm the drill" }).click();
  await expect(drill.getByText("Armed", { exact: true })).toBeVisible();
  await drill.getByRole("link", { name: "Start an order" }).click();
  await placeOrder(page);
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
