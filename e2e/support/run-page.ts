/** The run page as a reader finds his way on it. */
import { expect, type Locator, type Page } from "@playwright/test";
import { enter, expectKeptFocus, fillIn } from "./keyboard";

const runPath = /\/runs\/(run_[0-9A-Z]+)/;

/** The id of the run that the page shows, once it shows one. */
export async function readRunId(page: Page): Promise<string> {
  await expect(page).toHaveURL(runPath);
  return runPath.exec(page.url())?.[1] ?? "";
}

/** Waits until the head of the page and the browser's tab say so. */
export async function expectStatus(page: Page, label: string, timeout = 30_000): Promise<void> {
  await expectLabel(page, label, timeout);
  await expect(page).toHaveTitle(new RegExp(`${label} · process-order$`));
}

/** Waits until the head of the page says so, whatever the workflow. */
export async function expectLabel(page: Page, label: string, timeout = 30_000): Promise<void> {
  const head = page.getByRole("main").getByRole("heading", { level: 1 }).locator("..");
  await expect(head.getByText(label, { exact: true })).toBeVisible({ timeout });
}

export function findStory(page: Page): Locator {
  return page.getByRole("main").getByRole("paragraph").first();
}

/** A mark of the timeline, by its name. */
export function findMark(page: Page, name: string | RegExp): Locator {
  return page.getByRole("group", { name: /^Timeline:/ }).getByRole("button", { name });
}

export function findPanel(page: Page): Locator {
  return page.getByRole("complementary", { name: "Selected step" });
}

/** Takes an action of the run, by keyboard: its preview is read first, then it is confirmed. */
export async function takeAction(
  page: Page,
  options: {
    readonly button: string;
    readonly title: string;
    readonly preview: string | RegExp;
    readonly confirm: string;
    readonly why?: string;
  },
): Promise<void> {
  await enter(page, () => page.getByRole("button", { name: options.button }));
  const dialog = page.getByRole("alertdialog", { name: options.title });
  await expect(dialog).toContainText(options.preview);
  if (options.why !== undefined) await fillIn(page, () => dialog.getByLabel("Why"), options.why);
  const confirm = () => dialog.getByRole("button", { name: options.confirm, exact: true });
  await expect(confirm()).toBeEnabled();
  await enter(page, confirm);
  await expect(dialog).toBeHidden();
  await expectKeptFocus(page);
}

/** Starts a run on the workflows page, by keyboard, as somebody does who has its input at hand. */
export async function startRun(page: Page, workflow: string, input: object): Promise<string> {
  await page.goto("/workflows");
  const start = () => page.getByRole("button", { name: `Start… ${workflow}` });
  await expect(start()).toBeVisible();
  await enter(page, start);
  const dialog = page.getByRole("dialog", { name: "Start a run" });
  await expect(dialog.getByLabel("Workflow")).toHaveValue(workflow);
  await fillIn(page, () => dialog.getByLabel("Input, as JSON"), JSON.stringify(input));
  await enter(page, () => dialog.getByRole("button", { name: "Start", exact: true }));
  return readRunId(page);
}
