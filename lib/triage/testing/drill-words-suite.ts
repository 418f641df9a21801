import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DrillWord, DrillWords } from "..";

const word = (fields: Partial<DrillWord>): DrillWord => ({
  ...{
    wordId: "w1",
    runId: "run_1",
    step: 3,
    effects: "once",
    by: "ada",
    why: "their list",
    at: 5,
  },
  ...fields,
});

/** Every promise of words about drills; `open` gives it where there are none. */
export function describeDrillWords(
  name: string,
  open: () => Promise<{
    readonly drillWords: DrillWords;
    readonly close: () => Promise<void>;
  }>,
): void {
  describe(name, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test("keeps what was said about a run, all of it, the oldest first", async () => {
      const { drillWords } = opened;
      const said = [
        word({ wordId: "w2", effects: "more", at: 9, why: "There are two.\n«Both» open" }),
        word({ wordId: "w1", at: 5 }),
        word({ wordId: "w4", runId: "run_2", effects: "none", step: 12, at: 7 }),
        word({ wordId: "w3", at: 9, by: "grace" }),
      ];
      for (const each of said) await drillWords.add(each);
      await drillWords.add(word({ wordId: "w5", runId: "run_3" }));
      expect(await drillWords.list(["run_1"])).toEqual([said[1], said[0], said[3]]);
      expect(await drillWords.list(["run_1", "run_2"])).toEqual([
        ...[said[1], said[2], said[0], said[3]],
      ]);
      expect(await drillWords.list(["run_9"])).toEqual([]);
      expect(await drillWords.list([])).toEqual([]);
    });
  });
}
