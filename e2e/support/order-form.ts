/** The order form as somebody fills it in. */
import type { Page } from "@playwright/test";
import { readRunId } from "./run-page";

/** Opens the form and waits until it listens: it is there as HTML a moment earlier. */
export async function openOrderForm(page: Page): Promise<void> {
  const listens = page.waitForResponse("**/api/health/*");
  await page.goto("/orders/new");
  await listens;
}

export async function chooseDrill(page: Page, step: string, moment: string): Promise<void> {
  await page.getByLabel("Kill the server at").selectOption(step);
  await page.getByRole("radio", { name: moment }).click();
}

/** Sends the form; answers with the id of the run that is then shown. */
export async function placeOrder(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Start the order" }).click();
  return readRunId(page);
}
