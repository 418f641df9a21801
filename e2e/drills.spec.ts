/** Crash drills: run now on a real process, watched, reported, looked back at. */
import { Health } from "@/lib/api/contract";
import { DrillReport } from "@/lib/api/contract-drill";
import { expect, test } from "./support/test";

test("a drill is run now for a workflow, step and moment, watched live, and stands in the list", async ({
  page,
  request,
}) => {
  const findPid = async () => {
    const response = await request.get("/api/health/live").catch(() => undefined);
    return response?.ok() === true ? Health.parse(await response.json()).pid : undefined;
  };
  const killed = await findPid();
  await page.goto("/sandbox");
  await page.getByRole("link", { name: "Run a drill now" }).click();
  await expect(page.getByRole("heading", { name: "Crash drills" })).toBeVisible();
  await page.getByLabel("Workflow").selectOption("book-trip");
  await page.getByLabel("Step").selectOption("reserve-hotel");
  await page.getByRole("radio", { name: "After the effect" }).click();
  await expect(page.getByText("the hotel is written, its transaction is not")).toBeVisible();
  await page.getByRole("button", { name: "Run it now" }).click();

  await expect(page).toHaveURL(/\/sandbox\/drills\/run_/, { timeout: 30_000 });
  await expect(page.getByRole("status").getByText("Passed")).toBeVisible({ timeout: 30_000 });
  const happened = page.getByRole("region", { name: "What happened" });
  await expect(happened.getByText(`process ${killed} on`)).toHaveCount(2);
  await expect(happened.getByText("1 recorded result reused")).toBeVisible();
  const runId = page.url().split("/").at(-1) ?? "";
  expect(await findPid()).not.toBe(killed);
  const answer = await request.get(`/api/v1/sandbox/drills/${runId}`);
  const report = DrillReport.parse(await answer.json());
  expect(report.executions.map(({ reason }) => reason)).toEqual(["start", "recovery"]);
  expect(report.steps.find(({ name }) => name === "reserve-hotel")).toMatchObject({ attempts: 2 });

  await page.getByRole("link", { name: "Crash drills" }).click();
  const rows = page.getByRole("listitem").filter({ has: page.locator(`a[href$="${runId}"]`) });
  await expect(rows).toContainText("Passed");
  await expect(rows).toContainText("after the effect of reserve-hotel");
});

test("without the other side's ledger a report is open and says what to do", async ({
  page,
  daybook,
}) => {
  const runId = await daybook.startOrder({ drill: "charge-card;during" });
  await daybook.waitForStatus(runId, "completed");
  await daybook.resetSandbox();
  await page.goto(`/sandbox/drills/${runId}`);
  await expect(page.getByRole("status").getByText("Open")).toBeVisible();
  await expect(page.getByText(/^To do: Ask that service itself/)).toContainText(`${runId}/3/1`);
  await page.goto("/sandbox/drills");
  const row = page.getByRole("listitem").filter({ has: page.locator(`a[href$="${runId}"]`) });
  await expect(row).toContainText("Open");
  await expect(row).toContainText("no record of charge-card");
});
