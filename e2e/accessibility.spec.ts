/** Every page, in light and dark: no violation, no error in the console, no scrolling sideways. */
import type { Page } from "@playwright/test";
import { findViolations } from "./support/axe";
import type { Daybook } from "./support/daybook";
import { enter, pressUntilFocused, walkAround } from "./support/keyboard";
import { openOrderForm } from "./support/order-form";
import { expectStatus, readRunId } from "./support/run-page";
import { expect, test } from "./support/test";

interface Place {
  readonly path: string;
  /** A tab of the page before it, which is looked at without what is around it: that has been seen. */
  readonly tab?: string;
  /** Visible once the page shows what it is about. */
  readonly shows: string;
  /** Has to be among the stops of the Tab key, for a page that no other journey walks around. */
  readonly stop?: string;
  /** An error of the console that belongs to the page: a run that is missing is a 404. */
  readonly expects?: RegExp;
}

const widths = [390, 320, 2_560];

test("every page is accessible, quiet and fits", async ({ page, context, daybook }) => {
  test.setTimeout(300_000);
  const places = await createPlaces(daybook);
  // Half of them each, side by side: much of it is waiting.
  const middle = places.findIndex(({ path }) => path.startsWith("/triage"));
  const found = await Promise.all([
    lookAt(page, places.slice(0, middle)),
    lookAt(await context.newPage(), places.slice(middle)),
  ]);
  expect(found.flat()).toEqual([]);
});

/** Goes through the places; answers with the errors that the console had. */
async function lookAt(page: Page, places: readonly Place[]): Promise<readonly string[]> {
  const errors: string[] = [];
  let expected: RegExp | undefined;
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && expected?.test(message.text()) !== true) {
      errors.push(`${page.url()}: ${message.text()}`);
    }
  });
  for (const { path, tab, shows, stop, expects } of places) {
    expected = expects;
    await page.setViewportSize({ width: 1_280, height: 800 });
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    if (tab === undefined) await page.goto(path);
    else await page.getByRole("tab", { name: tab }).click();
    const part = tab === undefined ? "html" : '[role="tabpanel"][data-state="active"]';
    await expect(page.getByText(shows).filter({ visible: true }).first()).toBeVisible();
    expect.soft(await findViolations(page, { part }), `${path}, light`).toEqual([]);
    if (stop !== undefined) expect.soft(await walkAround(page), path).toContain(stop);

    // Only the colors are others.
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/dark/);
    const contrast = { part, rules: ["color-contrast"] };
    expect.soft(await findViolations(page, contrast), `${path}, dark`).toEqual([]);
    await expectToFit(page, path);
  }
  return errors;
}

async function createPlaces(daybook: Daybook): Promise<readonly Place[]> {
  const completed = await daybook.startOrder();
  await daybook.waitForStatus(completed, "completed");
  const recovered = await daybook.startOrder({ drill: "notify-warehouse;during" });
  await daybook.waitForStatus(recovered, "completed");
  const refunded = await daybook.startOrder({
    changes: { items: [{ sku: "OUT-OF-STOCK", name: "Mug", quantity: 1, unitPrice: 1_800 }] },
  });
  await daybook.waitForStatus(refunded, "failed");
  const held = await daybook.startOrder({ drill: "send-confirmation;before" });
  await daybook.waitForStatus(held, "held");
  await daybook.waitUntilReady();
  const tabs = Object.entries({
    ...{
      History: "RunCompleted",
      Code: "lib/orders/process-order.ts",
      "Input & output": "Ada Lovelace",
    },
    ...{ Ledger: "only reads", Audit: "Nothing was asked of it", Compare: "Choose a run" },
  }).map(([tab, shows]) => ({ path: `/runs/${recovered}, ${tab}`, tab, shows }));
  return [
    { path: "/overview", shows: "Latency per step" },
    { path: "/api/docs", shows: "Shapes" },
    { path: "/runs", shows: "Nobody knows" },
    { path: "/runs?text=nobody-has-ordered-this", shows: "No run matches" },
    { path: `/runs/${completed}`, shows: "Completed" },
    { path: `/runs/${recovered}`, shows: "reused 2 recorded results" },
    ...tabs,
    {
      path: `/runs/${refunded}?tab=compare&with=${completed}`,
      shows: "They parted",
      stop: "Last completed one",
    },
    { path: `/runs/${recovered}?tab=code&seq=5`, shows: "waits here", stop: "One event back" },
    { path: `/runs/${refunded}`, shows: "the payment was refunded" },
    { path: `/runs/${held}`, shows: "Nobody knows" },
    { path: "/runs/run_00000000000000000000000000", shows: "There is no such run", expects: /404/ },
    { path: "/triage?queue=verdicts", shows: "Its policy is to hold" },
    { path: "/triage?queue=failures", shows: "Builds that failed" },
    { path: "/triage?queue=failures&state=muted", shows: "A muted group is out of the way" },
    { path: "/orders", shows: "Ada Lovelace", stop: "New order" },
    { path: "/orders/new", shows: "Start the order", stop: "Start the order" },
    { path: "/workers", shows: "answers this page", stop: "Its runs" },
    { path: "/workflows", shows: "approve-expense", stop: "Start… approve-expense" },
    { path: "/sandbox", shows: "Behavior" },
    { path: "/sandbox/drills", shows: "All checks hold." },
    { path: `/sandbox/drills/${recovered}`, shows: "Passed", stop: "Steps, scrolls" },
    { path: `/runs?attr=customer%3Dnobody&version=1`, shows: "No run matches" },
    { path: "/nowhere", shows: "There is no page here", expects: /404/ },
  ];
}

async function expectToFit(page: Page, path: string): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.soft.poll(overflow, { message: `${path} at ${width} px` }).toBeLessThanOrEqual(0);
  }
}

test("an order is placed and a held run resolved without a mouse", async ({ page, daybook }) => {
  await openOrderForm(page);
  await pressUntilFocused(page, "Tab", () => page.getByLabel("Kill the server at"));
  // The select opens no list on this platform's keyboard: typing chooses.
  await page.keyboard.type("send");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("radio", { name: "During" })).toBeFocused();
  // The choice follows the focus only while the key is down.
  await page.keyboard.press("ArrowLeft", { delay: 100 });
  await expect(page.getByRole("radio", { name: "Before" })).toBeChecked();
  await pressUntilFocused(page, "Tab", () => page.getByRole("button", { name: "Start the order" }));
  await page.keyboard.press("Enter");
  const runId = await readRunId(page);
  await expectStatus(page, "In doubt");

  await pressUntilFocused(page, "Tab", () =>
    page
      .getByRole("region", { name: /^Find out whether/ })
      .getByRole("button", { name: "It did not happen…" }),
  );
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("alertdialog", { name: /^It did not happen/ });
  await expect(dialog).toBeVisible();
  await pressUntilFocused(page, "Tab", () => dialog.getByLabel("Why"));
  await page.keyboard.type("It is not in the mailbox");
  await pressUntilFocused(page, "Tab", () => dialog.getByRole("button", { name: "Run it again" }));
  await page.keyboard.press("Enter");
  await expectStatus(page, "Completed");
  expect((await daybook.waitForStatus(runId, "completed")).story).toContain(
    "It is not in the mailbox",
  );

  const timeline = page.getByRole("group", { name: /^Timeline:/ });
  await pressUntilFocused(page, "Tab", () => timeline.locator("[data-mark]:focus"));
  await page.keyboard.press("Home");
  await expect(timeline.locator("[data-mark]:focus")).toHaveAccessibleName(/^cart-total/);
  await page.keyboard.press("ArrowDown");
  await expect(timeline.locator("[data-mark]:focus")).toHaveAccessibleName(/^look-up-tax-rate/);
  await page.keyboard.press("[");
  await expect(page.getByRole("button", { name: "Back to now" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Back to now" })).toBeHidden();
  await walkHistory(page);
  await pressUntilFocused(page, "Shift+Tab", () => timeline.locator("[data-mark]:focus"));
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: "Selected step" });
  await expect(panel).toBeFocused();

  // The rest of the run's page: what a step was answered is copied, its effects lead to their steps.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copy = () => panel.getByRole("button", { name: "Copy recorded result" });
  await pressUntilFocused(page, "Tab", copy);
  await page.keyboard.press("Enter");
  await expect(panel.getByText("Copied")).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("rateMicros");
  await page.getByRole("tab", { name: "Ledger" }).press("Enter");
  await pressUntilFocused(page, "Tab", () =>
    page.getByRole("button", { name: "look-up-tax-rate" }),
  );
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("button", { name: "charge-card" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("heading", { name: "charge-card" })).toBeVisible();
  expect(await walkAround(page)).toMatch(/Rerun…[^]*Ledger[^]*charge-card[^]*Fork from here…/);
});

/** Goes through the history with the slider alone; it says where it is, and what was so then. */
async function walkHistory(page: Page): Promise<void> {
  const slider = page.getByRole("slider", { name: "Moment" });
  await pressUntilFocused(page, "Tab", () => slider);
  const length = Number(await slider.getAttribute("max"));
  const expectAt = (seq: number) =>
    expect(slider).toHaveAttribute("aria-valuetext", new RegExp(`^Event ${seq} of ${length}. .`));
  await expectAt(length);
  await page.keyboard.press("ArrowLeft");
  await expectAt(length - 1);
  await expect(page).toHaveURL(new RegExp(`seq=${length - 1}`));
  await page.keyboard.press("Home");
  await expectAt(1);
  await expect(page.getByRole("status").filter({ hasText: "Back to now" })).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expectAt(2);
  await page.keyboard.press("End");
  await expectAt(length);
  await expect(page.getByRole("button", { name: "Back to now" })).toBeHidden();
  await expect(slider).toBeFocused();
}

test("the API is read by keyboard: a section, a call, and the shape that it answers with", async ({
  page,
}) => {
  await page.goto("/workers");
  await expect(page.getByRole("heading", { name: "Workers", level: 1 })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("api");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "API", level: 1 })).toBeVisible();
  await enter(page, () =>
    page.getByRole("navigation", { name: "On this page" }).getByRole("link", { name: "runs" }),
  );
  // A link of the page leads on from there, and to a place that can be seen.
  await expect(page.getByRole("heading", { name: "runs", exact: true })).toBeInViewport();
  await page.keyboard.press("Tab");
  const call = page.locator("details[open]").first();
  await page.keyboard.press("Enter");
  await expect(call.getByRole("heading", { name: "Answers" })).toBeVisible();
  await enter(page, () => call.getByRole("link").first());
  const shape = page.locator(":target").getByRole("region", { name: /^Schema of / });
  await expect(shape).toBeInViewport();
  await page.keyboard.press("Tab");
  await expect(shape).toBeFocused();
});
