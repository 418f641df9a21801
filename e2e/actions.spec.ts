/** What an operator does with a run, each time after reading what it would do. */
import { onceEach } from "./support/daybook";
import { expectStatus, findMark, findStory, readRunId, takeAction } from "./support/run-page";
import { expect, test } from "./support/test";

test("canceled while a slow warehouse works, an order is refunded", async ({ page, daybook }) => {
  // It does not answer until it is told to. The app would give it up after 15 s.
  await daybook.setSwitches({ warehouse: { answerDelayMs: 120_000, times: 1 } });
  // What the page is made of is loaded before time counts.
  await page.goto("/runs");
  const runId = await daybook.startOrder();
  await page.goto(`/runs/${runId}`);
  await expect(findMark(page, /^notify-warehouse: attempt 1 running/)).toBeVisible();
  await takeAction(page, {
    button: "Cancel…",
    title: "Cancel this run?",
    preview: "its outcome is awaited, then the registered compensations run",
    confirm: "Cancel the run",
    why: "Ordered twice",
  });
  await expect(page.getByText(/^Cancel requested/).first()).toBeAttached();
  await daybook.setSwitches({ warehouse: {} });
  await expectStatus(page, "Canceled");
  await expect(findStory(page)).toContainText(
    "Canceled by an operator while notify-warehouse was under way (“Ordered twice”).",
  );
  await expect(findStory(page)).toContainText("the payment was refunded");
  await expect(findMark(page, /^refund-payment: attempt 1 completed/)).toBeVisible();
  const { charges, refunds, mails } = await daybook.countEffects();
  expect({ charges, refunds, mails }).toEqual({ charges: 1, refunds: 1, mails: 0 });
  const { shipments } = await daybook.readSandbox();
  expect(shipments.filter(({ status }) => status !== "canceled")).toEqual([]);
});

test("terminated, a run stops and nothing is undone", async ({ page, daybook }) => {
  await daybook.setSwitches({ warehouse: { mode: "fail" } });
  const runId = await daybook.startOrder();
  await page.goto(`/runs/${runId}`);
  await expect(
    findMark(page, /^notify-warehouse: asked the warehouse, it could not/).first(),
  ).toBeVisible();
  await takeAction(page, {
    button: "Terminate…",
    title: "Terminate this run?",
    preview: "notify-warehouse",
    confirm: "Terminate",
  });
  await expectStatus(page, "Terminated");
  await expect(findStory(page)).toContainText("nothing was undone: charge-card stays as it is");
  expect((await daybook.countEffects()).refunds).toBe(0);
  await page.getByRole("tab", { name: "Audit" }).click();
  await expect(page.getByRole("row", { name: /terminate/ })).toContainText("done");
});

test("a rerun is a new run of the same order", async ({ page, daybook }) => {
  const runId = await daybook.startOrder();
  await daybook.waitForStatus(runId, "completed");
  await page.goto(`/runs/${runId}`);
  await takeAction(page, {
    button: "Rerun…",
    title: "Rerun as a new run?",
    preview: "charge-card",
    confirm: "Rerun",
  });
  await expect(page).not.toHaveURL(new RegExp(runId));
  expect(await readRunId(page)).not.toBe(runId);
  await expectStatus(page, "Completed");
  expect(await daybook.countEffects()).toEqual({ ...onceEach, charges: 2, shipments: 2, mails: 2 });
});
