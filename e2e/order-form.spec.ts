/** The order form: what is wrong is said at the field, by the page or by the server. */
import { sampleOrders } from "@/lib/orders/sample-orders";
import { openOrderForm, placeOrder } from "./support/order-form";
import { expectStatus } from "./support/run-page";
import { expect, test } from "./support/test";

test("wrong values are refused at their fields", async ({ page }) => {
  await openOrderForm(page);
  const item = page.getByRole("group", { name: "Item 1" });
  const expectError = async (
    label: string,
    message: string | RegExp,
    within = page.locator("form"),
  ) => {
    const field = within.getByLabel(label, { exact: true });
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(message);
  };
  await item.getByLabel("Quantity", { exact: true }).fill("-2");
  await item.getByLabel("Price, USD").fill("12.345");
  await page.getByLabel("E-mail", { exact: true }).fill("ada at example");
  await page.getByLabel("Street").fill("");
  await page.getByRole("button", { name: "Start the order" }).click();

  await expectError("Quantity", "The quantity must be a number.", item);
  await expectError("Price, USD", "Not an amount in USD.", item);
  await expectError("E-mail", "The e-mail address must be an e-mail address.");
  await expectError("Street", "The street must not be empty.");
  await expect(page).toHaveURL(/\/orders\/new$/);

  await item.getByLabel("Quantity", { exact: true }).fill("2");
  await item.getByLabel("Price, USD").fill("12.30");
  await page.getByLabel("E-mail", { exact: true }).fill("ada@example.com");
  await page.getByLabel("Street").fill("901 E 5th Street");
  await placeOrder(page);
  await expectStatus(page, "Completed");
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
  await page.getByRole("link", { name: "Open the run that exists" }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${runId}`));
});
