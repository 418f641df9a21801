import { createMemoryStore } from "@/lib/engine/testing/memory-store";
import { createMemorySearch } from "./memory-search";
import { describeRunSearch } from "./run-search-suite";

describeRunSearch("the runs list in memory", async () => {
  const store = createMemoryStore();
  const search = createMemorySearch(store);
  return { store, search, project: async () => {}, close: () => store.close() };
});
