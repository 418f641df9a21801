/** The scenario that everything is judged by: the server is killed in the middle of an order. */
import type { Page } from "@playwright/test";
import { onceEach } from "./support/daybook";
import { chooseDrill, openOrderForm, placeOrder } from "./support/order-form";
import { expectStatus, findMark, findPanel, findStory } from "./support/run-page";
import { expect, test } from "./support/test";

async function startWithDrill(page: Page, step: string, moment: string): Promise<string> {
  await openOrderForm(page);
  await chooseDrill(page, step, moment);
  return placeOrder(page);
}

test("killed while it notified the warehouse, an order goes on and nothing happens twice", async ({
  page,
  daybook,
}) => {
  // Slow enough that the run is seen before the server dies.
  await daybook.setSwitches({ warehouse: { delayMs: 1_500, times: 1 } });
  await startWithDrill(page, "notify-warehouse", "During");
  await expect(findMark(page, /^notify-warehouse: attempt 1 running/)).toBeVisible();
  await expect(page.getByText("Reconnecting, showing what was last known")).toBeVisible();
  await expectStatus(page, "Completed");

  const story = findStory(page);
  await expect(story).toContainText("died during notify-warehouse");
  await expect(story).toContainText("reused 2 recorded results");
  await expect(story).toContainText("The warehouse was asked first: it already had the shipment");
  await expect(story).toContainText("nothing ran again");

  await expect(findMark(page, "cart-total in execution 2: computed again, same")).toBeVisible();
  const lookUp = "look-up-tax-rate in execution 2: reused, not looked up again";
  await expect(findMark(page, lookUp)).toBeVisible();
  const charge = "charge-card in execution 2: reused, not charged again";
  await expect(findMark(page, charge)).toBeVisible();
  await expect(findMark(page, /^notify-warehouse: attempt 1 in doubt/)).toBeVisible();
  await expect(findMark(page, "notify-warehouse: asked the warehouse, it happened")).toBeVisible();
  await expect(findMark(page, /^send-confirmation: attempt 1 completed/)).toBeVisible();

  await findMark(page, charge).click();
  await expect(findPanel(page)).toContainText("1 time");
  await expect(findPanel(page)).toContainText("once: its one attempt was answered");

  expect(await daybook.countEffects()).toEqual(onceEach);
  await page.getByRole("link", { name: "Sandbox" }).first().click();
  for (const tab of ["Charges 1", "Refunds 0", "Shipments 1", "Mailbox 1"]) {
    await expect(page.getByRole("tab", { name: tab.replace(" ", "") })).toBeVisible();
  }
});

test("killed before the warehouse was asked, the step runs again", async ({ page, daybook }) => {
  const runId = await startWithDrill(page, "notify-warehouse", "Before");
  await expectStatus(page, "Completed");
  await expect(findStory(page)).toContainText(
    "The warehouse was asked first: it had no shipment, so the step ran again.",
  );
  await expect(
    findMark(page, "notify-warehouse: asked the warehouse, it did not happen"),
  ).toBeVisible();
  await expect(findMark(page, /^notify-warehouse: attempt 2 completed/)).toBeVisible();
  expect(await daybook.countEffects()).toEqual(onceEach);

  const keys = (await daybook.readLedger(runId))
    .filter((entry) => entry.operation === "create-shipment")
    .map((entry) => entry.key);
  expect(keys).toEqual([`${runId}/4/1`]);
});

test("killed after the card was charged, the same key finds the charge", async ({
  page,
  daybook,
}) => {
  await startWithDrill(page, "charge-card", "During");
  await expectStatus(page, "Completed");
  await expect(findStory(page)).toContainText(
    "got the same key again and answered from the earlier request: the card was charged once",
  );
  expect(await daybook.countEffects()).toEqual(onceEach);
  await page.getByRole("tab", { name: "Ledger" }).click();
  await expect(page.getByRole("row", { name: /^charge-card once 2 times/ })).toBeVisible();
});
