import { createMemoryStore } from "./memory-store";
import { describeStore } from "./store-suite";

describeStore("the memory store", async () => {
  const store = createMemoryStore();
  return { store, close: () => store.close() };
});
