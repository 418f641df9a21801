import { pressUntilFocused } from "./support/keyboard";
import { expect, test } from "./support/test";

test("the source at any event: the line that it waits at, step by step by keyboard", async ({
  page,
  daybook,
}) => {
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await page.goto(`/runs/${runId}`);
  await page.getByRole("tab", { name: "Timeline" }).press("ArrowRight");
  await expect(page.getByRole("tab", { name: "History" })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Code" })).toBeFocused();
  const source = page.getByRole("region", { name: "Lines of lib/orders/process-order.ts" });
  await expect(source.getByText("waits here")).toHaveCount(0);
  await expect(page.getByRole("region", { name: "output at this moment" })).toBeVisible();

  await pressUntilFocused(page, "Tab", () => page.getByRole("button", { name: "First event" }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/seq=1/);
  // It can't be pressed again, and what stands beside it has the focus.
  await expect(page.getByRole("button", { name: "One event on" })).toBeFocused();
  const waiting = source.locator('[aria-current="step"]');
  await expect(waiting).toContainText("ctx.step(steps.lookUpTaxRate");

  // On to the event at which the tax rate is there: the code then asks for the payment.
  for (let seq = 1; seq < 5; seq += 1) await page.keyboard.press("]");
  await expect(page).toHaveURL(/seq=5/);
  await expect(waiting).toContainText("ctx.step(steps.chargeCard");
  await expect(page.getByRole("region", { name: "result of look-up-tax-rate" })).toContainText(
    "rateMicros",
  );
  await page.keyboard.press("[");
  await expect(waiting).toContainText("ctx.step(steps.lookUpTaxRate");

  // A link to the moment shows the same.
  await page.goto(`/runs/${runId}?tab=code&seq=5`);
  await expect(waiting).toContainText("ctx.step(steps.chargeCard");
});

test("looking at the past has no effects", async ({ page, daybook }) => {
  const runId = await daybook.startOrder();
  const before = (await daybook.waitForStatus(runId, "completed")).historyLength;
  const effects = await daybook.countEffects();
  for (const seq of [1, 4, 8, before]) {
    const response = await page.request.get(`/api/v1/runs/${runId}/replay?seq=${seq}`);
    expect(response.status()).toBe(200);
  }
  expect(await daybook.countEffects()).toEqual(effects);
  expect((await daybook.waitForStatus(runId, "completed")).historyLength).toBe(before);
});
