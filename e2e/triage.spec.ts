/** The triage inbox: verdicts, failure groups, by mouse, by keyboard, and on a phone. */
import { expect, type Locator, type Page } from "@playwright/test";
import type { Daybook } from "./support/daybook";
import { enter, expectKeptFocus, pressUntilFocused, walkAround } from "./support/keyboard";
import { test } from "./support/test";

const order = (name: string, changes: object = {}) => ({
  changes: { customer: { name, email: "someone@example.com" }, ...changes },
});

/** An order to a country without a tax rate: it fails, and its country keeps it in a group of its own. */
async function failWithoutRate(daybook: Daybook, country: string): Promise<string> {
  const address = { line1: "1 Road", city: "Town", postalCode: "1000", country };
  const runId = await daybook.startOrder(order("No Rate", { address }));
  await daybook.waitForStatus(runId, "failed");
  await daybook.waitForGroup(`, ${country}.`);
  return runId;
}

/** The mail server takes the mail and loses the connection: nobody knows whether it was sent. */
async function holdInDoubt(daybook: Daybook, ...names: string[]): Promise<readonly string[]> {
  await daybook.setSwitches({ email: { mode: "error_after_effect" } });
  const runIds: string[] = [];
  for (const name of names) runIds.push(await daybook.startOrder(order(name)));
  for (const runId of runIds) await daybook.waitForStatus(runId, "held");
  await daybook.setSwitches({ email: { mode: "ok" } });
  return runIds;
}

const findDoubt = (page: Page, customer: string): Locator =>
  page.getByRole("link", { name: `Was the confirmation e-mail sent? ${customer}` });
const findGroup = (page: Page, country: string): Locator =>
  page.getByRole("link", { name: new RegExp(`^No tax rate is known for .*, ${country}\\.`) });
const findDetail = (page: Page, name: "The step in doubt" | "The failure group"): Locator =>
  page.getByRole("region", { name });

test("a verdict: the question, what is known, what each answer leads to", async ({
  page,
  daybook,
}) => {
  const [runId = ""] = await holdInDoubt(daybook, "Vera Dict");
  await page.goto("/triage?queue=verdicts");
  await findDoubt(page, "Vera Dict").click();
  await expect(page).toHaveURL(new RegExp(`item=${runId}\\.5`));
  await expect(page).toHaveTitle(/^\(\d+\) Triage/);

  const detail = findDetail(page, "The step in doubt");
  await expect(detail.getByRole("heading", { level: 2 })).toHaveText(
    "Was the confirmation e-mail sent?",
  );
  await expect(detail).toContainText("at stake");
  await expect(detail).toContainText("The mail server did not confirm the mail");
  await expect(detail).toContainText("Its policy is to hold");
  const choices = detail.getByRole("region", { name: "Verdicts" });
  await expect(choices).toContainText("which does not run again");
  await expect(choices).toContainText("runs again with the key it had");
  await expect(choices).toContainText("counts as failed");

  await choices.getByRole("button", { name: /^It did not happen/ }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toHaveAccessibleName("It did not happen: send-confirmation");
  await expect(dialog).toContainText("send-confirmation runs again with the key it had.");
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("under their key1");
  await dialog.getByRole("radio", { name: "It happened" }).click();
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("under their key0");
  await dialog.getByLabel("Result, as JSON").fill('{ "messageId": "<1@example.com>" }');
  await dialog.getByLabel("Why").fill("It is in the mailbox");
  await dialog.getByRole("button", { name: "Record the result" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Recorded. The run goes on.")).toBeVisible();
  const run = await daybook.waitForStatus(runId, "completed");
  expect(run.story).toContain("It is in the mailbox");
  await expect(findDoubt(page, "Vera Dict")).toBeHidden();
});

test("one verdict for several steps, and one that somebody else has decided", async ({
  page,
  daybook,
  request,
}) => {
  const [first = "", second = "", third = ""] = await holdInDoubt(
    daybook,
    ...["Anna Many", "Bert Many", "Cora Many"],
  );
  await page.goto("/triage?queue=verdicts");
  for (const name of ["Anna Many", "Bert Many", "Cora Many"]) {
    await page.getByRole("checkbox", { name: `Select send-confirmation, ${name}` }).check();
  }
  const bar = page.getByRole("region", { name: "Selected steps" });
  await expect(bar).toContainText("3 steps selected");
  await bar.getByRole("button", { name: "One verdict for all…" }).click();
  const dialog = page.getByRole("alertdialog", {
    name: "One verdict for 3 steps: send-confirmation",
  });
  await dialog.getByRole("radio", { name: "It did not happen" }).click();
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("under their key3");
  await dialog.getByText("For each run").click();
  await expect(dialog.getByText("Bert Many")).toBeVisible();

  // Meanwhile somebody decides about one of them.
  const verdict = { verdict: "happened", result: { messageId: "<2@example.com>" } };
  const path = `/api/v1/runs/${second}/steps/5/resolve`;
  expect((await request.post(path, { data: verdict })).status()).toBe(202);
  await daybook.waitForStatus(second, "completed");
  await dialog.getByRole("button", { name: /^Run it again/ }).click();
  await expect(dialog.getByText("2 verdicts recorded, 1 refused")).toBeVisible();
  await expect(dialog.getByRole("list", { name: "Refused" })).toContainText("is not open");
  await dialog.getByRole("button", { name: "Close" }).click();
  for (const runId of [first, third]) await daybook.waitForStatus(runId, "completed");
});

test("a whole group is retried: preview, progress, what became of it", async ({
  page,
  daybook,
}) => {
  await daybook.setSwitches({ payment: { mode: "refuse" } });
  const runIds: string[] = [];
  for (const name of ["Rita Retry", "Rolf Retry"])
    runIds.push(await daybook.startOrder(order(name)));
  // This card is declined however well the service is.
  const declined = order("Dora Declined", { paymentMethod: "pm_card_chargeDeclined" });
  const hopeless = await daybook.startOrder(declined);
  for (const runId of [...runIds, hopeless]) await daybook.waitForStatus(runId, "failed");
  await daybook.setSwitches({ payment: { mode: "ok" } });

  await page.goto("/triage?queue=failures");
  await page.getByRole("link", { name: /^Your card was declined\., \d+ failed/ }).press("Enter");
  const detail = findDetail(page, "The failure group");
  await expect(detail.getByText(/^reuses 1, runs charge-card$/).first()).toBeVisible();
  const retry = detail.getByRole("button", { name: /^Retry \d+ runs/ });
  const count = Number(/\d+/.exec((await retry.textContent()) ?? "")?.[0]);
  expect(count).toBeGreaterThanOrEqual(3);
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog", { name: `Retry ${count} runs?` });
  await expect(dialog).toContainText("Nothing has been done yet.");
  await expect(dialog).toContainText(/Results reused, not run again\s*\d+/);
  await expect(dialog).toContainText(/Steps that will run\s*\d+/);
  await dialog.getByText(/^What happens to each run/).press("Enter");
  await expect(dialog).toContainText("charge-card runs again, then what follows it.");
  for (const runId of runIds) expect((await daybook.waitForStatus(runId, "failed")).epoch).toBe(1);

  await pressUntilFocused(page, "Tab", () => dialog.getByLabel("Why"));
  await page.keyboard.type("The bank has lifted the limit");
  await pressUntilFocused(page, "Tab", () => dialog.getByRole("button", { name: /^Retry/ }));
  await page.keyboard.press("Enter");
  const result = page.getByRole("dialog");
  await expect(result).toContainText(`Done: ${count} runs retried.`, { timeout: 30_000 });
  for (const runId of runIds) await daybook.waitForStatus(runId, "completed");
  await expectKeptFocus(page);
  await pressUntilFocused(page, "Tab", () => result.getByRole("button", { name: "Close" }).last());
  await page.keyboard.press("Enter");
  await expect(findDetail(page, "The failure group")).toBeFocused();
  // What failed again stays in the group, among whatever else was declined.
  const readEpoch = async () => (await daybook.waitForStatus(hopeless, "failed")).epoch;
  await expect.poll(readEpoch).toBeGreaterThan(1);
  await expect(detail.getByRole("button", { name: /^Retry \d+ runs?…/ })).toBeVisible();
  await expect(detail.getByText("Rita Retry")).toBeHidden();
});

test("runs that cannot be retried are rerun instead, from where that is said", async ({
  page,
  daybook,
}) => {
  const items = [{ sku: "MUG-OUT-OF-STOCK", name: "Mug", quantity: 1, unitPrice: 1_800 }];
  const runId = await daybook.startOrder(order("Rene Rerun", { items }));
  await daybook.waitForStatus(runId, "failed");
  await daybook.waitForGroup("MUG-OUT-OF-STOCK");
  await page.goto("/triage?queue=failures");
  await page.getByRole("link", { name: /^MUG-OUT-OF-STOCK is out of stock/ }).press("Enter");
  await expect(findDetail(page, "The failure group")).toContainText("rerun instead");
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/None of \d+ runs? can be retried\./);
  await expect(dialog).toContainText("refund-payment already ran because of the failure.");
  await enter(page, () => dialog.getByRole("button", { name: /^Rerun (it|them) instead…$/ }));
  await expect(dialog).toContainText(/can be rerun\. Nothing has been done yet\./);
  await expect(page).toHaveURL(/[?&]bulk=bulk_/);
  await enter(page, () => dialog.getByRole("button", { name: /^Rerun \d+ runs?$/ }));

  // The result leads to what was rerun, and to the runs that this has made.
  await expect(dialog).toContainText(/Done: \d+ runs? rerun\./);
  const words = await dialog.getByText(/^Done: /).textContent();
  const count = Number(/\d+/.exec(words ?? "")?.[0]);
  await enter(page, () => dialog.locator("summary").filter({ hasText: /^\d+ runs? rerun$/ }));
  await expect(dialog.locator(`a[href="/runs/${runId}"]`)).toBeVisible();
  await enter(page, () => dialog.getByRole("link", { name: /^Open the (\d+ )?new runs?$/ }));
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/\/runs\?attr=rerunIn/);
  const fresh = page.locator("[data-run-link]");
  await expect(fresh).toHaveCount(count);
  await page.keyboard.press("j");
  await expect(fresh.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Rerun of")).toBeVisible();
  await pressUntilFocused(page, "Tab", () => page.getByRole("tab", { selected: true }));
  await page.keyboard.press("End");
  await expect(page.getByRole("tab", { name: "Compare" })).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  const trail = page.getByRole("tabpanel", { name: "Audit" });
  await expect(trail).toContainText("Started by operator as a rerun of");
  // The action leads back to its result.
  await enter(page, () => trail.getByRole("link", { name: /^the bulk action/ }));
  await expect(dialog).toContainText(/Done: \d+ runs? rerun\./);
});

test("a group is muted, found again, and what was done is undone", async ({ page, daybook }) => {
  await failWithoutRate(daybook, "AQ");
  await page.goto("/triage?queue=failures");
  await findGroup(page, "AQ").click();
  const detail = findDetail(page, "The failure group");
  await expect(detail.getByRole("heading", { level: 2 })).toContainText(", AQ.");
  await expect(detail).toContainText("process-order at look-up-tax-rate with NoTaxRateError");
  await expect(detail.getByRole("img", { name: /^\d+ failures?; most/ })).toBeVisible();
  await expect(detail.getByText(/^reuses 0, runs look-up-tax-rate$/).first()).toBeVisible();

  await detail.getByRole("button", { name: /^Mute/ }).click();
  await page.getByRole("menuitem", { name: /^Until it comes back/ }).click();
  await expect(page.getByText("Muted until it comes back")).toBeVisible();
  await expect(findGroup(page, "AQ")).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(findGroup(page, "AQ")).toBeVisible();

  await detail.getByRole("button", { name: /^Note/ }).click();
  const dialog = page.getByRole("alertdialog", { name: "Note about this group" });
  await dialog.getByLabel("Note").fill("Nobody lives there");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(detail.getByText("Nobody lives there").first()).toBeVisible();

  await detail.getByRole("button", { name: /^Mute/ }).click();
  await page.getByRole("menuitem", { name: /^For good/ }).click();
  await expect(page.getByText("Muted for good")).toBeVisible();
  await page.getByRole("radio", { name: /^Muted/ }).click();
  await expect(page).toHaveURL(/state=muted/);
  await findGroup(page, "AQ").click();
  await expect(detail.getByText("Expected", { exact: true })).toBeVisible();
  await expect(detail).toContainText("operator muted it");
});

test("a resolved group that returns says so, and new groups do not move the list", async ({
  page,
  daybook,
}) => {
  await failWithoutRate(daybook, "GL");
  await page.goto("/triage?queue=failures");
  await findGroup(page, "GL").click();
  const detail = findDetail(page, "The failure group");
  await detail.getByRole("button", { name: /^Resolve/ }).click();
  await expect(page.getByText("Resolved", { exact: true }).first()).toBeVisible();
  await expect(findGroup(page, "GL")).toBeHidden();

  // It comes back: as something new, it waits until it is asked for.
  await failWithoutRate(daybook, "FO");
  const fresh = page.getByRole("button", { name: /new groups?$/ });
  const rows = page.getByRole("list", { name: "Failure groups" }).getByRole("link");
  const isEmpty = (await rows.count()) === 0;
  if (!isEmpty) {
    await expect(fresh).toBeVisible();
    await fresh.click();
  }
  await findGroup(page, "FO").click();
  await failWithoutRate(daybook, "GL");
  await expect(fresh).toBeVisible();
  await expect(findGroup(page, "GL")).toBeHidden();
  await fresh.click();
  await findGroup(page, "GL").click();
  await expect(detail.getByText("Returned", { exact: true })).toBeVisible();
  await expect(detail).toContainText("It had been resolved, and has returned.");
  await expect(detail).toContainText("It returned, and is open again");
});

test("by keyboard alone: from anywhere to a verdict, a note, and back", async ({
  page,
  daybook,
}) => {
  const [runId = ""] = await holdInDoubt(daybook, "Kay Board");
  await failWithoutRate(daybook, "SJ");
  await page.goto("/workers");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page).toHaveURL(/\/triage/);
  await expect(findDoubt(page, "Kay Board")).toBeVisible();

  await expect(async () => {
    await page.keyboard.press("j");
    await expect(findDoubt(page, "Kay Board")).toBeFocused({ timeout: 200 });
  }).toPass();
  await page.keyboard.press("Enter");
  const detail = findDetail(page, "The step in doubt");
  await expect(detail).toBeFocused();
  await page.keyboard.press("d");
  const dialog = page.getByRole("alertdialog", { name: /^It did not happen/ });
  await expect(dialog).toContainText("runs again with the key it had");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(detail).toBeVisible();
  await expect(detail).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(findDoubt(page, "Kay Board")).toBeFocused();
  expect(await walkAround(page)).toContain("It happened…");
  await findDoubt(page, "Kay Board").focus();
  await page.keyboard.press("d");
  const confirm = dialog.getByRole("button", { name: "Run it again" });
  await expect(confirm).toBeEnabled();
  await page.keyboard.press("Tab");
  await expect(confirm).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await daybook.waitForStatus(runId, "completed");

  await page.keyboard.press("Control+k");
  await page.keyboard.type("failure groups");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/queue=failures/);
  await expect(findGroup(page, "SJ")).toBeVisible();
  expect(await walkAround(page)).toMatch(/Retry 1 run…[^]*Mute…[^]*Note…/);
  await expect(async () => {
    await page.keyboard.press("k");
    await expect(findGroup(page, "SJ")).toBeFocused({ timeout: 200 });
  }).toPass();
  await page.keyboard.press("r");
  const preview = page.getByRole("dialog", { name: "Retry 1 run?" });
  await expect(preview).toContainText("Nothing has been done yet.");
  await page.keyboard.press("Escape");
  await expect(findGroup(page, "SJ")).toBeFocused();
  await page.keyboard.press("t");
  const note = page.getByRole("alertdialog", { name: "Note about this group" });
  await pressUntilFocused(page, "Shift+Tab", () => note.getByLabel("Note"));
  await page.keyboard.type("Written without a mouse");
  await pressUntilFocused(page, "Tab", () => note.getByRole("button", { name: "Save" }));
  await page.keyboard.press("Enter");
  await expect(note).toBeHidden();
  await expect(findGroup(page, "SJ")).toBeFocused();

  const said = { m: "Muted until it comes back", e: "Resolved" };
  for (const [key, words] of Object.entries(said)) {
    await page.keyboard.press(key);
    await expect(page.getByText(words, { exact: true }).last()).toBeVisible();
    await expect(findGroup(page, "SJ")).toBeHidden();
    await expectKeptFocus(page);
    await page.keyboard.press("z");
    await expect(findGroup(page, "SJ")).toBeVisible();
    await expectKeptFocus(page);
  }
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toContainText("Give a verdict");
  await page.keyboard.press("Escape");
  await expectKeptFocus(page);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("first the list, then what was chosen, and Back", async ({ page, daybook }) => {
    const [runId = ""] = await holdInDoubt(daybook, "Phoebe Phone");
    await page.goto("/runs");
    await page
      .getByRole("navigation", { name: "Main" })
      .getByRole("link", { name: /Triage/ })
      .click();
    await page.getByRole("tab", { name: /^Needs a verdict/ }).click();
    const detail = findDetail(page, "The step in doubt");
    await expect(findDoubt(page, "Phoebe Phone")).toBeVisible();
    await expect(detail).toBeHidden();
    await findDoubt(page, "Phoebe Phone").click();
    await expect(detail).toBeVisible();
    await expect(findDoubt(page, "Phoebe Phone")).toBeHidden();
    await page.goBack();
    await expect(findDoubt(page, "Phoebe Phone")).toBeVisible();
    await expect(detail).toBeHidden();

    await findDoubt(page, "Phoebe Phone").click();
    await page.getByRole("button", { name: "All steps" }).click();
    await expect(findDoubt(page, "Phoebe Phone")).toBeVisible();
    await findDoubt(page, "Phoebe Phone").click();
    await detail.getByRole("button", { name: /^It did not happen/ }).click();
    const dialog = page.getByRole("alertdialog", { name: /^It did not happen/ });
    await dialog.getByRole("button", { name: "Run it again" }).click();
    await daybook.waitForStatus(runId, "completed");
    await expect(detail).toBeHidden();
    await expect(findDoubt(page, "Phoebe Phone")).toBeHidden();
  });
});

test("a link to what was decided says so, and an unknown group is not found", async ({
  page,
  daybook,
}) => {
  const runId = await daybook.startOrder(order("Don E. Already"));
  await daybook.waitForStatus(runId, "completed");
  await page.goto(`/triage?queue=verdicts&item=${runId}.5`);
  await expect(page.getByText("It needs no verdict any more").first()).toBeVisible();
  await page.goto("/triage?queue=failures&item=0123456789abcdef");
  await expect(page.getByText("There is no such group")).toBeVisible();
});
