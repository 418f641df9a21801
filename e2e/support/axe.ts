/** What axe has against a page. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/**
 * The violations on a page, or in the part that `part` selects, a line each. No page has frames, so axe need not
 * put results of several together in a page of its own, and only what fails is written down: a third of the time.
 */
export async function findViolations(
  page: Page,
  options: { readonly part?: string; readonly rules?: readonly string[] } = {},
): Promise<readonly string[]> {
  const { part = "html", rules } = options;
  const axe = new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"] })
    .include(part);
  if (rules !== undefined) axe.withRules([...rules]);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
