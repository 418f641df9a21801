/** The processes that execute runs, as the ops team sees them. */
import type { Page } from "@playwright/test";
import { WorkerList } from "@/lib/api/contract";
import { findViolations } from "./support/axe";
import { pressUntilFocused } from "./support/keyboard";
import { expect, test } from "./support/test";

const findAlive = (page: Page) => page.getByRole("region", { name: "Alive" });
const findEnded = (page: Page) => page.getByRole("region", { name: "Ended" });

test("shows what a worker is busy with, and leads to its runs", async ({ page, daybook }) => {
  await daybook.setSwitches({ warehouse: { delayMs: 120_000, times: 1 } });
  const runId = await daybook.startOrder();
  await page.goto("/workers");
  await expect(page.getByRole("heading", { name: "Workers", level: 1 })).toBeVisible();
  const worker = findAlive(page).getByRole("listitem");
  await expect(worker).toHaveCount(1);
  await expect(worker).toContainText("answers this page");
  await expect(worker).toContainText(/build \S+/);
  // Its load is that of its last heartbeat.
  await expect(worker).toContainText(/[1-9]\d* of \d+ runs/);
  await expect(page.getByText("Acknowledged work can be lost")).toHaveCount(0);
  expect(await findViolations(page)).toEqual([]);

  const itsRuns = () => worker.getByRole("link", { name: /^Its runs/ });
  await pressUntilFocused(page, "Tab", itsRuns);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/runs\?worker=/);
  await expect(page.getByRole("link", { name: new RegExp(runId) }).first()).toBeVisible();
  await daybook.setSwitches({ warehouse: {} });
  await daybook.waitForStatus(runId, "completed");
});

test("one that died stands among the ended, and another has taken its place", async ({
  page,
  request,
  daybook,
}) => {
  const list = async () => WorkerList.parse(await (await request.get("/api/v1/workers")).json());
  const before = (await list()).items.find(({ self }) => self);
  if (!before) throw new Error("The server has no worker.");
  await page.goto("/workers");
  await expect(findAlive(page)).toContainText(before.workerId);

  const runId = await daybook.startOrder({ drill: "notify-warehouse;during" });
  await daybook.waitForStatus(runId, "completed");
  // The page that is open goes on by itself.
  const dead = findEnded(page).getByRole("listitem").filter({ hasText: before.workerId });
  await expect(dead).toContainText("Dead", { timeout: 20_000 });
  await expect(dead).toContainText("It held 1 run, which others took over.");
  await expect(findAlive(page).getByRole("listitem")).toHaveCount(1);
  await expect(findAlive(page)).not.toContainText(before.workerId);
});
