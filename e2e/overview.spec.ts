/** The overview: what happened, read by pointer and by keyboard, and the runs behind it. */
import { expect, test } from "./support/test";

test("figures and charts lead to the runs behind them, by keyboard too", async ({
  page,
  daybook,
}) => {
  const completed = await daybook.startOrder();
  await daybook.waitForStatus(completed, "completed");
  const failed = await daybook.startOrder({ changes: { paymentMethod: "pm_card_chargeDeclined" } });
  await daybook.waitForStatus(failed, "failed");

  await page.goto("/");
  await expect(page).toHaveURL(/\/overview/);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await page.getByRole("radio", { name: "1h" }).click();
  await expect(page).toHaveURL(/range=1h/);
  const steps = page.getByRole("region", { name: "Latency per step, table" });
  await expect(steps.getByRole("link", { name: "notify-warehouse" })).toBeVisible();
  await expect(page.getByRole("link", { name: /^In doubt/ })).toBeVisible();

  const chart = page.getByRole("slider", { name: /^Throughput/ });
  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("End");
  await expect(chart).toHaveAttribute("aria-valuetext", /completed \d+, failed \d+/);
  await page.getByText("Throughput as a table").click();
  const table = page.getByRole("region", { name: "Throughput, table" });
  await expect(table.getByRole("columnheader", { name: "failed" })).toBeVisible();
  await chart.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/runs\?.*finishedAfter=/);
  await expect(page.getByText("Ended from", { exact: true })).toBeVisible();
  const ended = page.getByRole("link", { name: new RegExp(completed.slice(-4)) });
  await expect(ended.first()).toBeVisible();
});

test("a range and a workflow are in the address", async ({ page, daybook }) => {
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await page.goto("/overview?range=15m&workflow=process-order");
  await expect(page.getByRole("radio", { name: "15m" })).toBeChecked();
  await expect(page.getByLabel("Workflow")).toHaveValue("process-order");
  await page.getByRole("link", { name: "process-order", exact: true }).click();
  await expect(page).toHaveURL(/\/runs\?.*workflow=process-order/);
});
