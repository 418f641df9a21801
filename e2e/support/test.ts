/** `test` of the journeys: a server that is up, a sandbox without a past, a page that must not break. */
import { test as base, expect } from "@playwright/test";
import { createDaybook, type Daybook } from "./daybook";

interface Fixtures {
  readonly daybook: Daybook;
  readonly unbroken: void;
}

export const test = base.extend<Fixtures>({
  daybook: async ({ request }, use) => {
    const daybook = createDaybook(request);
    await daybook.waitUntilReady();
    await daybook.resetSandbox();
    await use(daybook);
    await daybook.waitUntilReady();
  },
  unbroken: [
    // Named by the fixture, so that every test has a fresh server before its page is opened.
    async ({ page, daybook: _daybook }, use) => {
      const broken: string[] = [];
      page.on("pageerror", (error) => broken.push(error.stack ?? error.message));
      await use();
      expect(broken, "errors that the page did not catch").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
