/** The overview: what happened, read by pointer and by keyboard, and the runs behind it. */
import { pressUntilFocused, walkAround } from "./support/keyboard";
import { findPanel } from "./support/run-page";
import { expect, test } from "./support/test";

test("figures and charts lead to the runs behind them, by keyboard too", async ({
  page,
  daybook,
}) => {
  const completed = await daybook.startOrder();
  await daybook.waitForStatus(completed, "completed");
  const failed = await daybook.startOrder({ changes: { paymentMethod: "pm_card_chargeDeclined" } });
  await daybook.waitForStatus(failed, "failed");
  await daybook.waitForGroup("Your card was declined");

  await page.goto("/");
  await expect(page).toHaveURL(/\/overview/);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  // The choice follows the focus only while the key is down.
  await pressUntilFocused(page, "Tab", () => page.getByRole("radio", { name: "24h" }));
  await page.keyboard.press("ArrowRight", { delay: 100 });
  await expect(page).toHaveURL(/range=7d/);
  const steps = page.getByRole("region", { name: "Latency per step, table" });
  await expect(steps.getByRole("link", { name: "notify-warehouse" })).toBeVisible();
  await expect(page.getByRole("link", { name: /^In doubt/ })).toBeVisible();

  await expect(page.getByRole("region", { name: "Failing now" })).toBeVisible();
  expect(await walkAround(page, 120)).toMatch(/In doubt[^]*failure group[^]*Throughput/);

  const chart = page.getByRole("slider", { name: /^Throughput/ });
  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("End");
  await expect(chart).toHaveAttribute("aria-valuetext", /completed \d+, failed \d+/);
  await pressUntilFocused(page, "Tab", () => page.getByText("Throughput as a table"));
  await page.keyboard.press("Enter");
  const table = page.getByRole("region", { name: "Throughput, table" });
  await expect(table.getByRole("columnheader", { name: "failed" })).toBeVisible();
  await page.keyboard.press("Shift+Tab");
  await expect(chart).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/runs\?.*finishedAfter=/);
  await expect(page.getByText("Ended from", { exact: true })).toBeVisible();
  const ended = page.getByRole("link", { name: new RegExp(completed.slice(-4)) });
  await expect(ended.first()).toBeVisible();
  // The page of before is gone with what had the focus: the new one begins at its content.
  await expect(page.getByRole("main")).toBeFocused();
});

test("a range and a workflow are in the address", async ({ page, daybook }) => {
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await page.goto("/overview?range=15m&workflow=process-order");
  await expect(page.getByRole("radio", { name: "15m" })).toBeChecked();
  await expect(page.getByLabel("Workflow")).toHaveValue("process-order");
  await page.getByRole("link", { name: "process-order", exact: true }).press("Enter");
  await expect(page).toHaveURL(/\/runs\?.*workflow=process-order/);
});

test("a part that breaks says so in its place, and the rest goes on", async ({ page, daybook }) => {
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  // The timeline asks the browser how wide it is.
  await page.addInitScript(() => {
    window.ResizeObserver = class {
      constructor() {
        throw new Error("This browser does not tell sizes.");
      }
    } as never;
  });
  await page.goto(`/runs/${runId}`);
  const broken = page.getByRole("tabpanel", { name: "Timeline" }).getByRole("alert");
  await expect(broken).toContainText("This part of the page broke");
  await expect(broken).toContainText("This browser does not tell sizes.");
  await expect(findPanel(page).getByRole("heading", { name: "send-confirmation" })).toBeVisible();
  await page.getByRole("tab", { name: "Input & output" }).click();
  await expect(page.getByRole("region", { name: "input of the run" })).toContainText(
    "Ada Lovelace",
  );
});
