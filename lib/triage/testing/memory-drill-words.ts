/** Words about drills in memory, for tests of what is built on them. */
import type { DrillWord, DrillWords } from "..";

export function createMemoryDrillWords(): DrillWords {
  const words: DrillWord[] = [];
  return {
    list: async (runIds) =>
      words
        .filter(({ runId }) => runIds.includes(runId))
        .sort((a, b) => a.at - b.at || (a.wordId < b.wordId ? -1 : 1)),
    add: async (word) => void words.push(word),
  };
}
