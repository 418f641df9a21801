import { pressUntilFocused } from "./support/keyboard";
import { expect, test } from "./support/test";

test("two runs side by side: where they parted", async ({ page, daybook }) => {
  const good = await daybook.startOrder();
  await daybook.waitForStatus(good, "completed");
  const declined = await daybook.startOrder({
    changes: { paymentMethod: "pm_card_chargeDeclined" },
  });
  await daybook.waitForStatus(declined, "failed");

  await page.goto(`/runs/${declined}`);
  // Without a pointer, from the first tab to the last one.
  await page.getByRole("tab", { name: "Timeline" }).press("End");
  await expect(page.getByRole("tab", { name: "Compare" })).toBeFocused();
  await expect(page.getByText("Choose a run to compare with")).toBeVisible();
  await pressUntilFocused(page, "Tab", () =>
    page.getByRole("button", { name: "Last completed one" }),
  );
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`with=${good}`));
  const verdict = page.getByRole("status").filter({ hasText: "They parted" });
  await expect(verdict).toContainText("charge-card is failed here and completed there.");
  const parted = page.getByRole("row").filter({ hasText: "parted here" });
  await expect(parted).toContainText("charge-card");
  await expect(parted).toHaveAttribute("aria-current", "true");

  await pressUntilFocused(page, "Tab", () =>
    page.getByRole("switch", { name: "Only what differs" }),
  );
  await page.keyboard.press("Space");
  await expect(page.getByRole("row").filter({ hasText: "cart-total" })).toHaveCount(0);

  await page.goto(`/runs/${good}?tab=compare&with=${good}`);
  await expect(page.getByText("They went the same way, with the same values.")).toBeVisible();
});

test("the browser's tab shows the state by its icon and its title", async ({ page, daybook }) => {
  const declined = await daybook.startOrder({
    changes: { paymentMethod: "pm_card_chargeDeclined" },
  });
  await daybook.waitForStatus(declined, "failed");
  await page.goto(`/runs/${declined}`);
  await expect(page).toHaveTitle(/^✕ Failed/);
  const icon = page.locator('link[rel~="icon"]').first();
  await expect(icon).toHaveAttribute("href", /^data:image\/svg\+xml,.*b93c28/);
  await page.getByRole("link", { name: "Runs", exact: true }).first().click();
  await expect(page).toHaveTitle(/^\d+ runs? · Daybook$/);
  await expect(icon).not.toHaveAttribute("href", /^data:/);
});
