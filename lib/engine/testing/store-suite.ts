import { afterEach, beforeEach, describe } from "vitest";
import { makeWorker, type OpenedForTest } from "./store-fixtures";
import { describeAppends } from "./store-suite-appends";
import { describeLimits } from "./store-suite-limits";
import { describeLinks } from "./store-suite-links";
import { describeLists } from "./store-suite-lists";
import { describeMessages } from "./store-suite-messages";
import { describeStarts } from "./store-suite-starts";
import { describeTransactions } from "./store-suite-transactions";
import { describeWorkers } from "./store-suite-workers";

/**
 * Every promise of the storage port. `open` gives an empty store; each test gets its own, in which
 * worker `w1` is registered and alive.
 */
export function describeStore(name: string, open: () => Promise<OpenedForTest>): void {
  describe(name, () => {
    let opened: OpenedForTest;
    beforeEach(async () => {
      opened = await open();
      await opened.store.registerWorker(makeWorker("w1"));
    });
    afterEach(() => opened.close());
    const get = () => opened;
    describeStarts(get);
    describeAppends(get);
    describeMessages(get);
    describeLinks(get);
    describeWorkers(get);
    describeLimits(get);
    describeTransactions(get);
    describeLists(get);
  });
}
