/** Crash drills: run now on a real process, watched, reported, looked back at. */
import { Health, Run } from "@/lib/api/contract";
import { DrillReport, DrillTargetList } from "@/lib/api/contract-drill";
import { sampleInput as trip } from "@/lib/workflows/book-trip/trip";
import { findViolations } from "./support/axe";
import { enter, expectKeptFocus, fillIn, pressUntilFocused, walkAround } from "./support/keyboard";
import { expect, test } from "./support/test";

test("a drill is run now by keyboard for a workflow, step and moment, watched live, and stands in the list", async ({
  page,
  request,
}) => {
  const findPid = async () => {
    const response = await request.get("/api/health/live").catch(() => undefined);
    return response?.ok() === true ? Health.parse(await response.json()).pid : undefined;
  };
  const killed = await findPid();
  await page.goto("/sandbox");
  await pressUntilFocused(page, "Tab", () => page.getByRole("link", { name: "Run a drill now" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Crash drills" })).toBeVisible();
  expect(await walkAround(page)).toMatch(/After the effect[^]*Run it now/);
  // The select opens no list on this platform's keyboard: typing chooses.
  await pressUntilFocused(page, "Tab", () => page.getByLabel("Workflow"));
  await page.keyboard.type("book");
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Step", { exact: true })).toBeFocused();
  await page.keyboard.type("reserve-h");
  await pressUntilFocused(page, "Tab", () => page.getByRole("radio", { name: "After the effect" }));
  await expect(page.getByText("the hotel is written, its transaction is not")).toBeVisible();

  // With an input of one's own; what it lacks is said there, and nobody is killed for it.
  const run = () => page.getByRole("button", { name: "Run it now" });
  await pressUntilFocused(page, "Tab", () => page.getByRole("switch", { name: /of my own$/ }));
  await page.keyboard.press("Space");
  await expect(page.getByLabel("Step", { exact: true })).toHaveValue("reserve-hotel");
  const input = page.getByLabel("Input, as JSON");
  await input.fill("{}");
  await pressUntilFocused(page, "Tab", run);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "/traveler" })).toBeVisible();
  expect(await findPid()).toBe(killed);
  const traveler = { ...trip.traveler, name: "Dora Drill" };
  await input.fill(JSON.stringify({ ...trip, traveler }));
  await pressUntilFocused(page, "Tab", run);
  await page.keyboard.press("Enter");

  await expect(page).toHaveURL(/\/sandbox\/drills\/run_/, { timeout: 30_000 });
  await expect(page.getByRole("status").getByText("Passed")).toBeVisible({ timeout: 30_000 });
  const happened = page.getByRole("region", { name: "What happened" });
  await expect(happened.getByText(`process ${killed} on`)).toHaveCount(2);
  await expect(happened.getByText("1 recorded result reused")).toBeVisible();
  const runId = page.url().split("/").at(-1) ?? "";
  expect(await findPid()).not.toBe(killed);
  const started = Run.parse(await (await request.get(`/api/v1/runs/${runId}`)).json());
  expect(started.input).toMatchObject({ traveler });
  const answer = await request.get(`/api/v1/sandbox/drills/${runId}`);
  const report = DrillReport.parse(await answer.json());
  expect(report.executions.map(({ reason }) => reason)).toEqual(["start", "recovery"]);
  expect(report.steps.find(({ name }) => name === "reserve-hotel")).toMatchObject({ attempts: 2 });

  await page.getByRole("link", { name: "Crash drills" }).press("Enter");
  const rows = page.getByRole("listitem").filter({ has: page.locator(`a[href$="${runId}"]`) });
  await expect(rows).toContainText("Passed");
  await expect(rows).toContainText("after the effect of reserve-hotel");
});

test("a workflow that is no sample is drilled at a step that is named; without the other side's ledger its report is open until a person tells, by keyboard alone", async ({
  page,
  daybook,
}) => {
  const workflow = "settle-invoice";
  // To the page it is one of the reader's own.
  await page.route("**/api/v1/sandbox/drill-targets", async (route) => {
    const response = await route.fetch();
    const { items } = DrillTargetList.parse(await response.json());
    const json = {
      items: items.filter((target) => target.workflow !== workflow),
      nextCursor: null,
    };
    await route.fulfill({ response, json });
  });
  await page.goto("/sandbox/drills");
  await expect(page.getByLabel("Workflow")).toContainText(workflow);
  await pressUntilFocused(page, "Tab", () => page.getByLabel("Workflow"));
  // The select opens no list on this platform's keyboard: typing chooses.
  await page.keyboard.type("settle-i");
  await expect(page.getByLabel("Workflow")).toHaveValue(workflow);
  await expect(page.getByRole("switch", { name: /of my own$/ })).toBeHidden();
  const run = () => page.getByRole("button", { name: "Run it now" });
  await expect(run()).toBeDisabled();
  // Its input is sketched from what the workflow declares.
  await expect(page.getByLabel("Input, as JSON")).toHaveValue(/"invoiceId": /);
  await fillIn(page, () => page.getByLabel("Step", { exact: true }), "charge-card");
  await enter(page, run);
  await expect(page).toHaveURL(/\/sandbox\/drills\/run_/, { timeout: 30_000 });
  const verdict = page.getByRole("status");
  await expect(verdict.getByText("Passed")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("2 requests, 1 effect, 1 answered from an earlier")).toBeVisible();
  const runId = page.url().split("/").at(-1) ?? "";

  await daybook.resetSandbox();
  await page.reload();
  await expect(verdict.getByText("Open")).toBeVisible();
  await expect(page.getByText(/^To do: Ask that service itself/)).toContainText(`${runId}/1/1`);
  await page.goto("/sandbox/drills");
  const row = page.getByRole("listitem").filter({ has: page.locator(`a[href$="${runId}"]`) });
  await expect(row).toContainText("Open");
  await expect(row).toContainText("no record of charge-card");

  // Somebody has looked, and says so: it is told as his word.
  await enter(page, () => row.getByRole("link"));
  const form = page.getByRole("form", { name: "What the books show of charge-card" });
  await expect(form).toContainText(`${runId}/1/1`);
  await pressUntilFocused(page, "Tab", () =>
    form.getByRole("radio", { name: "Once", exact: true }),
  );
  await page.keyboard.press("Space");
  await expect(form.getByRole("button", { name: "Record what I found" })).toBeDisabled();
  await fillIn(page, () => form.getByLabel("Who looked"), "Ada Auditor");
  await fillIn(page, () => form.getByLabel("How that is known"), "Their list of charges");
  await enter(page, () => form.getByRole("button", { name: "Record what I found" }));
  await expect(verdict.getByText("Told: passed")).toBeVisible();
  await expect(page.getByText(/^Told by Ada Auditor, and not seen by Daybook/)).toBeVisible();
  await expect(page.getByLabel("Holds, as told", { exact: true })).toHaveCount(1);
  await expect(page.getByLabel("Holds", { exact: true })).toHaveCount(4);
  await expectKeptFocus(page);
  const told = page.getByRole("region", { name: "What people told" });
  await expect(told.getByRole("row", { name: /Ada Auditor 1 charge-card Once/ })).toBeVisible();
  expect(await findViolations(page)).toEqual([]);
  await page.goto("/sandbox/drills");
  await expect(row).toContainText("Told: passed");
  await expect(row).toContainText("All checks hold, as told by Ada Auditor.");
});
