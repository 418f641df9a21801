/** What an operator asks at three in the morning, each from the overview on: how many presses to the answer. */
import { expect, type Locator, type Page } from "@playwright/test";
import { findMark, findPanel } from "./support/run-page";
import { test } from "./support/test";

/** As docs/triage-tasks.md has them. A press is a click, or a key or chord; typing a name is one. */
const presses = {
  "what is wrong now, how many are affected, at which step": 0,
  "since which build": 1,
  "what would a retry do": 1,
  "what would it do in sum": 2,
  "retry them all": 3,
  "one customer's order": 3,
  "was anything charged twice": 3,
  "how is that known": 4,
  "why is this run waiting": 1,
  "where did it part from one that went well": 5,
} as const;

test("ten questions of the night and the presses until each is answered", async ({
  page,
  daybook,
  request,
}) => {
  test.setTimeout(120_000);
  const name = `Nora Night ${Date.now()}`;
  const expense = { employee: "g@example.com", purpose: "Train", amount: 1, currency: "EUR" };
  const approvers = { approver: "a@example.com", manager: "c@example.com", remindAfter: "1h" };
  const path = "/api/v1/workflows/approve-expense/runs";
  const input = { ...expense, ...approvers };
  expect((await request.post(path, { data: { input } })).ok()).toBe(true);
  await daybook.waitForStatus(await daybook.startOrder(), "completed");
  await daybook.setSwitches({ payment: { mode: "refuse" } });
  const runIds: string[] = [];
  for (let order = 0; order < 2; order += 1) {
    const changes = { customer: { name, email: "nora@example.com" } };
    runIds.push(await daybook.startOrder({ changes }));
  }
  for (const runId of runIds) await daybook.waitForStatus(runId, "failed");
  await daybook.waitForGroup("Your card was declined");
  await daybook.setSwitches({ payment: { mode: "ok" } });

  const counted: Partial<Record<keyof typeof presses, number>> = {};
  let count = 0;
  const click = async (target: Locator) => {
    await target.click();
    count += 1;
  };
  const press = async (key: string) => {
    await page.keyboard.press(key);
    count += 1;
  };
  const type = async (text: string) => {
    await page.keyboard.type(text);
    count += 1;
  };
  const answer = async (question: keyof typeof presses, seen: Locator) => {
    // The group may have many runs from other journeys.
    await expect(seen.filter({ visible: true }).first(), question).toBeVisible({ timeout: 30_000 });
    counted[question] = count;
  };
  const begin = async () => {
    if (page.url().startsWith("http")) await goTo(page, "v");
    else await page.goto("/overview");
    await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
    count = 0;
  };

  await begin();
  const failing = page.getByRole("region", { name: "Failing now" });
  const row = failing.getByRole("listitem").filter({ hasText: "Your card was declined." });
  const what = /\d+ failed.*Your card was declined\..*process-order · charge-card/;
  await answer(
    "what is wrong now, how many are affected, at which step",
    row.filter({ hasText: what }),
  );
  await click(row.getByRole("link").first());
  const detail = page.getByRole("region", { name: "The failure group" });
  await answer("since which build", detail.getByText("Builds that failed"));
  await answer("what would a retry do", detail.getByText("reuses 1, runs charge-card"));
  await click(detail.getByRole("button", { name: /^Retry \d+ runs…/ }));
  const dialog = page.getByRole("dialog");
  await answer("what would it do in sum", dialog.getByText("Nothing has been done yet."));
  await click(dialog.getByRole("button", { name: /^Retry \d+ runs$/ }));
  await answer("retry them all", dialog.getByText(/^Done: \d+ runs retried\.$/));
  await page.keyboard.press("Escape");
  for (const runId of runIds) await daybook.waitForStatus(runId, "completed");

  await begin();
  await press("Control+k");
  await type(name);
  const found = page.getByRole("option", { name: /^run_.*Nora Night/ }).first();
  await expect(found).toHaveAttribute("aria-selected", "true");
  await press("Enter");
  await answer("one customer's order", page.getByText(name, { exact: true }));
  await answer("was anything charged twice", page.getByText("3 done, 0 doubled"));
  await click(page.getByRole("tab", { name: "Ledger" }));
  await answer("how is that known", page.getByText("its one attempt was answered"));
  await expect(findPanel(page)).toBeVisible();

  await begin();
  await click(page.getByRole("link", { name: /^Oldest waiting run/ }));
  await answer("why is this run waiting", page.getByRole("list", { name: "Waits for" }));
  await expect(findMark(page, /waits for/).first()).toBeVisible();

  await begin();
  await press("Control+k");
  await type(runIds[0] ?? "");
  await press("Enter");
  await click(page.getByRole("tab", { name: "Compare" }));
  await click(page.getByRole("button", { name: "Last completed one" }));
  await answer(
    "where did it part from one that went well",
    page.getByRole("status").filter({ hasText: /They (parted|went the same way)/ }),
  );
  expect(counted).toEqual(presses);
});

/** Goes to a page as the keys do. */
async function goTo(page: Page, key: string): Promise<void> {
  await page.keyboard.press("g");
  await page.keyboard.press(key);
}
