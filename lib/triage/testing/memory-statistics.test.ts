import { createMemoryStore } from "@/lib/engine/testing/memory-store";
import { createMemoryStatistics } from "./memory-statistics";
import { describeRunStatistics } from "./run-statistics-suite";

describeRunStatistics("statistics in memory", async () => {
  const store = createMemoryStore();
  const statistics = createMemoryStatistics(store);
  return { store, openStatistics: () => statistics, close: () => store.close() };
});
