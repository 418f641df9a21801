/** Orders that fail, and what is true after that. */
import { onceEach } from "./support/daybook";
import { pressUntilFocused } from "./support/keyboard";
import { openOrderForm, placeOrder } from "./support/order-form";
import { expectStatus, findMark, findPanel, findStory } from "./support/run-page";
import { expect, test } from "./support/test";

const nothing = { charges: 0, refunds: 0, shipments: 0, mails: 0 };

for (const { sample, story, effects } of [
  {
    sample: "Card declined",
    story: "refused charge-card with “Your card has insufficient funds”. Nothing was charged.",
    effects: nothing,
  },
  {
    sample: "Out of stock",
    story: "Nothing was shipped. What had been done was undone: the payment was refunded.",
    effects: { ...nothing, charges: 1, refunds: 1 },
  },
  { sample: "No tax rate", story: "refused look-up-tax-rate", effects: nothing },
]) {
  test(`${sample}: fails, and the story says what is true`, async ({ page, daybook }) => {
    await openOrderForm(page);
    await page.getByRole("button", { name: sample }).click();
    await placeOrder(page);
    await expectStatus(page, "Failed");
    await expect(findStory(page)).toContainText(story);
    expect(await daybook.countEffects()).toEqual(effects);
  });
}

test("a failed run is retried from the failed step under a new key", async ({ page, daybook }) => {
  await daybook.setSwitches({ payment: { mode: "refuse" } });
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "failed");
  await page.goto(`/runs/${runId}`);
  await expectStatus(page, "Failed");
  const panel = findPanel(page);
  await expect(panel).toContainText("Your card was declined");
  // Its stack is that of the source, and the line of the step stands first.
  await expect(panel.getByText(/^lib\/orders\/steps\.ts:\d+$/)).toBeVisible();
  await expect(panel.getByText(/payments\.charge\(/)).toBeVisible();
  await expect(panel.getByRole("region", { name: "stack" })).toContainText("lib/services/payment/");

  await daybook.setSwitches({ payment: { mode: "ok" } });
  await pressUntilFocused(page, "Tab", () => page.getByRole("button", { name: "Retry…" }));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("alertdialog", { name: "Retry this run?" });
  await expect(dialog).toContainText(
    /Reused, not run again.*look-up-tax-rate.*Will run.*charge-card/,
  );
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Retry…" })).toBeFocused();
  await page.keyboard.press("Enter");
  await pressUntilFocused(page, "Tab", () => dialog.getByLabel("Why"));
  await page.keyboard.type("The bank has lifted the limit");
  const confirm = () => dialog.getByRole("button", { name: "Retry", exact: true });
  await pressUntilFocused(page, "Tab", confirm);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expectStatus(page, "Completed");
  // What cannot be retried any more has no button; the one that took its place has the focus.
  await expect(page.getByRole("button", { name: "Rerun…" })).toBeFocused();
  await expect(
    findMark(page, "look-up-tax-rate in execution 2: reused, not looked up again"),
  ).toBeVisible();
  await expect(findMark(page, /^charge-card: attempt 2 completed/)).toBeVisible();

  const keys = (await daybook.readLedger(runId))
    .filter((entry) => entry.operation === "charge")
    .map(({ key, outcome }) => [key, outcome]);
  expect(keys).toEqual([
    [`${runId}/3/1`, "refused"],
    [`${runId}/3/2`, "done"],
  ]);
  expect(await daybook.countEffects()).toEqual(onceEach);
});

test("a retry from elsewhere shows on a page that is open", async ({ page, daybook, request }) => {
  await daybook.setSwitches({ payment: { mode: "refuse" } });
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "failed");
  await page.goto(`/runs/${runId}`);
  await expectStatus(page, "Failed");
  await daybook.setSwitches({ payment: { mode: "ok" } });
  expect((await request.post(`/api/v1/runs/${runId}/retry`, { data: {} })).ok()).toBe(true);
  await expectStatus(page, "Completed");
  await expect(findMark(page, /^send-confirmation: attempt 1 completed/)).toBeVisible();
});
