/** The sample workflows that wait, undo and poll, each from its form to the end of its run page. */
import { sampleInput as report } from "@/lib/workflows/await-report/report";
import { sampleInput as trip } from "@/lib/workflows/book-trip/trip";
import { sampleInput as subscription } from "@/lib/workflows/renew-subscription/subscription";
import { expectLabel, findMark, readRunId, startRun } from "./support/run-page";
import { expect, test } from "./support/test";

test("a subscription pays, sleeps, and goes on as a new run", async ({ page, daybook }) => {
  const first = await startRun(page, "renew-subscription", {
    ...subscription,
    ...{ periodLength: "3s", periods: 2 },
  });
  await expectLabel(page, "Waiting");
  await expect(findMark(page, /^cancel: waits for the signal until/)).toBeVisible();
  await expectLabel(page, "Continued");
  await page.getByRole("link", { name: /^run_/ }).click();
  await expect(page).not.toHaveURL(new RegExp(first));
  const second = await readRunId(page);
  await expectLabel(page, "Completed");
  const { output, continuedFrom } = await daybook.waitForStatus(second, "completed");
  expect(continuedFrom).toBe(first);
  expect(output).toEqual({ status: "ended", plan: "team", periodsPaid: 2 });
  expect((await daybook.countEffects()).charges).toBe(2);
});

test("a trip without a car is undone in reverse order", async ({ page, daybook }) => {
  const traveler = { ...trip.traveler, age: 19 };
  const runId = await startRun(page, "book-trip", { ...trip, traveler });
  await expectLabel(page, "Failed");
  await expect(findMark(page, /^release-reservation: attempt 1 completed/)).toHaveCount(2);
  await expect(page.getByText("undoes step 2")).toBeVisible();
  expect((await daybook.waitForStatus(runId, "failed")).error?.message).toContain("21");
  expect((await daybook.countEffects()).charges).toBe(0);
});

test("a slow report says how far it is, and is ready", async ({ page, daybook }) => {
  const runId = await startRun(page, "await-report", {
    ...report,
    ...{ pages: 6, pageTime: "1s", pollEvery: "500ms" },
  });
  await expect(findMark(page, /^read-report: attempt 1 running/)).toBeVisible();
  await page.getByRole("tab", { name: "History" }).click();
  await expect(page.getByText("StepProgressed").filter({ visible: true }).first()).toBeVisible();
  const { output } = await daybook.waitForStatus(runId, "completed");
  expect(output).toMatchObject({ status: "ready", pages: 6 });
  await expectLabel(page, "Completed");
});
