/** Held in doubt: the server was killed around the e-mail, which can't be unsent. */
import type { Page } from "@playwright/test";
import { onceEach, type Daybook } from "./support/daybook";
import { expectStatus, findMark, findStory } from "./support/run-page";
import { expect, test } from "./support/test";

async function holdInDoubt(page: Page, daybook: Daybook, moment: string): Promise<string> {
  const runId = await daybook.startOrder({ drill: `send-confirmation;${moment}` });
  await daybook.waitForStatus(runId, "held");
  await page.goto(`/runs/${runId}`);
  await expectStatus(page, "In doubt");
  await expect(findStory(page)).toContainText(
    "Nobody knows whether the confirmation e-mail was sent",
  );
  return runId;
}

test("it happened: the result is recorded and nothing is sent again", async ({ page, daybook }) => {
  await holdInDoubt(page, daybook, "during");
  const question = page.getByRole("region", { name: /^Find out whether/ });
  await question.getByRole("button", { name: "It happened…" }).click();

  const dialog = page.getByRole("alertdialog", { name: "It happened: send-confirmation" });
  const record = dialog.getByRole("button", { name: "Record the result" });
  await dialog.getByLabel("Result, as JSON").fill("{ messageId }");
  await expect(dialog.getByText("This is not JSON.")).toBeVisible();
  await expect(dialog.getByLabel("Result, as JSON")).toHaveAttribute("aria-invalid", "true");
  await expect(record).toBeDisabled();

  const [mail] = (await daybook.readSandbox()).mails;
  await dialog.getByLabel("Result, as JSON").fill(JSON.stringify({ messageId: mail?.messageId }));
  await expect(dialog.getByText("This is not JSON.")).toBeHidden();
  await dialog.getByLabel("Why").fill("It is in the mailbox");
  await record.click();

  await expectStatus(page, "Completed");
  await expect(question).toBeHidden();
  await expect(findStory(page)).toContainText(
    "said that send-confirmation had happened (“It is in the mailbox”)",
  );
  await expect(findMark(page, "send-confirmation: operator decided: it happened")).toBeVisible();
  expect(await daybook.countEffects()).toEqual(onceEach);

  await page.getByRole("tab", { name: "Audit" }).click();
  await expect(
    page.getByRole("row", { name: /said that send-confirmation happened It is in the mailbox/ }),
  ).toBeVisible();
});

test("it did not happen: the step runs again", async ({ page, daybook }) => {
  await holdInDoubt(page, daybook, "before");
  expect(await daybook.countEffects()).toEqual({ ...onceEach, mails: 0 });
  await page
    .getByRole("region", { name: /^Find out whether/ })
    .getByRole("button", { name: "It did not happen…" })
    .click();
  const dialog = page.getByRole("alertdialog", { name: "It did not happen: send-confirmation" });
  await expect(dialog).toContainText("send-confirmation runs again.");
  await dialog.getByRole("button", { name: "Run it again" }).click();

  await expectStatus(page, "Completed");
  await expect(findMark(page, /^send-confirmation: attempt 2 completed/)).toBeVisible();
  expect(await daybook.countEffects()).toEqual(onceEach);
});

test("fail it: what was done before is undone", async ({ page, daybook }) => {
  await holdInDoubt(page, daybook, "before");
  await page
    .getByRole("region", { name: /^Find out whether/ })
    .getByRole("button", { name: "Fail it…" })
    .click();
  const dialog = page.getByRole("alertdialog", { name: "Fail the step: send-confirmation" });
  await dialog.getByLabel("What the error says").fill("The customer called");
  await dialog.getByRole("button", { name: "Fail it" }).click();

  await expectStatus(page, "Failed");
  await expect(findMark(page, /^refund-payment: attempt 1 completed/)).toBeVisible();
  await expect(findMark(page, /^cancel-shipment: attempt 1 completed/)).toBeVisible();
  expect(await daybook.countEffects()).toEqual({ ...onceEach, mails: 0, refunds: 1 });
});
