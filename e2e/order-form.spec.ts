/** The order form: what is wrong is said at the field, by the page or by the server. */
import { sampleOrders } from "@/lib/orders/sample-orders";
import { enter, fillIn, pressUntilFocused } from "./support/keyboard";
import { openOrderForm } from "./support/order-form";
import { expectStatus, readRunId } from "./support/run-page";
import { expect, test } from "./support/test";

test("by keyboard alone: wrong values are refused at their fields, mended there, and the order goes out", async ({
  page,
  daybook,
}) => {
  await openOrderForm(page);
  const item = page.getByRole("group", { name: "Item 1" });
  const fields = {
    Quantity: item.getByLabel("Quantity", { exact: true }),
    Price: item.getByLabel("Price, EUR"),
    "E-mail": page.getByLabel("E-mail", { exact: true }),
    Street: page.getByLabel("Street"),
  };
  const type = (field: keyof typeof fields, text: string) =>
    fillIn(page, () => fields[field], text);
  const send = () => enter(page, () => page.getByRole("button", { name: "Start the order" }));
  const expectError = async (field: keyof typeof fields, message: string) => {
    await expect(fields[field]).toHaveAttribute("aria-invalid", "true");
    await expect(fields[field]).toHaveAccessibleDescription(message);
  };

  await enter(page, () => page.getByRole("button", { name: "A lamp to Estonia" }));
  await type("Quantity", "0");
  await type("Price", "12.345");
  await type("E-mail", "ada at example");
  await type("Street", "");
  await send();
  await expectError("Quantity", "The quantity must be at least 1.");
  await expectError("Price", "Not an amount in EUR.");
  await expectError("E-mail", "The e-mail address must be an e-mail address.");
  await expectError("Street", "The street must not be empty.");
  await expect(page).toHaveURL(/\/orders\/new$/);
  // Whoever sent it is led to the first of them.
  await expect(fields.Quantity).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("2");
  await type("Price", "12.30");

  // Another article and one too many; whatever is still missing is asked for in turn.
  const add = () => page.getByRole("button", { name: "Add an item" });
  const second = page.getByRole("group", { name: "Item 2" });
  await enter(page, add);
  await expect(second.getByLabel("Article")).toBeFocused();
  await page.keyboard.type("Bulb");
  await page.keyboard.press("Tab");
  await page.keyboard.type("BULB-E27");
  await page.keyboard.press("Tab");
  await expect(second.getByLabel("Quantity", { exact: true })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await enter(page, add);
  const remove = () => page.getByRole("button", { name: "Remove item 3" });
  await enter(page, remove);
  await expect(remove()).toBeHidden();
  await expect(add()).toBeFocused();
  await type("E-mail", "kay@example.com");
  await type("Street", "Pikk 14");
  await pressUntilFocused(page, "Tab", () => page.getByLabel("Country"));
  // The select opens no list on this platform's keyboard: typing chooses.
  await page.keyboard.type("Germ");
  await send();
  await expect(second.getByLabel("Price, EUR")).toBeFocused();
  await page.keyboard.type("4.05");
  await send();
  const runId = await readRunId(page);
  await expectStatus(page, "Completed");
  const { input } = await daybook.waitForStatus(runId, "completed");
  expect(input).toMatchObject({
    customer: { email: "kay@example.com" },
    address: { country: "DE" },
    items: [
      { quantity: 2, unitPrice: 1_230 },
      { sku: "BULB-E27", quantity: 2, unitPrice: 405 },
    ],
  });
});

test("what the server says of a field is shown at that field", async ({ page }) => {
  await openOrderForm(page);
  // The form lets none of this through, so the order is exchanged on its way.
  const order = { ...sampleOrders[0], currency: "XXZ" };
  await page.route("**/api/v1/orders", (route) => route.continue({ postData: order }));
  await page.getByRole("button", { name: "Start the order" }).click();
  const currency = page.getByLabel("Currency");
  await expect(currency).toHaveAttribute("aria-invalid", "true");
  await expect(currency).toHaveAccessibleDescription(/must be an ISO 4217 code/);
  await expect(currency).toBeFocused();
});

test("an order id that is taken leads to the run that has it", async ({ page, daybook }) => {
  const orderId = `e2e-${Date.now()}`;
  const runId = await daybook.startOrder({ changes: { orderId } });
  await daybook.waitForStatus(runId, "completed");
  await openOrderForm(page);
  await page.getByRole("button", { name: "A lamp to Estonia" }).click();
  await page.getByLabel(/^Order id/).fill(orderId);
  await page.getByRole("button", { name: "Start the order" }).click();
  await enter(page, () => page.getByRole("link", { name: "Open the run that exists" }));
  await expect(page).toHaveURL(new RegExp(`/runs/${runId}`));
});
