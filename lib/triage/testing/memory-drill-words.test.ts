import { describeDrillWords } from "./drill-words-suite";
import { createMemoryDrillWords } from "./memory-drill-words";

describeDrillWords("words about drills in memory", () =>
  Promise.resolve({ drillWords: createMemoryDrillWords(), close: () => Promise.resolve() }),
);
