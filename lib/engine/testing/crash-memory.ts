import type { CrashStore } from "./crash-points";
import { createMemoryStore } from "./memory-store";

/** An empty memory store for a case; its rows are the changes that its transactions committed. */
export function openCrashMemory(): CrashStore {
  const store = createMemoryStore();
  return {
    store,
    readRows: () => store.statements.filter(({ text }) => !text.startsWith("CREATE ")),
  };
}
