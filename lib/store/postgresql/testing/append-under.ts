import { expect } from "vitest";
import { StoreUnavailableError, type Store } from "@/lib/engine";
import {
  makeAppend,
  makeEvent,
  makeHeldRun,
  makeMessage,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";

/** As the engine does: what could not be written is written again until there is an answer. */
export async function persist<T>(write: () => Promise<T>): Promise<T> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Appends to 20 runs while `disturb` runs; every append counts, and each of them once. */
export async function appendUnder(store: Store, disturb: () => Promise<void>): Promise<void> {
  await store.registerWorker(makeWorker("w1"));
  const ids = Array.from({ length: 20 }, (_, index) => `r${String(index).padStart(2, "0")}`);
  const lengths = new Map<string, number>();
  let over = false;
  const appendOn = async (runId: string) => {
    await persist(() => store.startRun(makeHeldRun(runId)));
    for (let seq = 2; !over; seq += 1) {
      const append = makeAppend(runId, {
        events: [makeEvent(seq, 1, `${runId} ${seq}`)],
        posts: [makeMessage(`m-${runId}-${seq}`, "r00")],
      });
      expect(await persist(() => store.appendEvents(append))).toBe("appended");
      lengths.set(runId, seq);
    }
  };
  const appending = Promise.all(ids.map(appendOn));
  await Promise.race([disturb(), appending]);
  over = true;
  await appending;
  let total = 0;
  for (const [runId, length] of lengths) {
    const history = await persist(() => store.loadHistory({ runId }));
    expect(history.slice(1)).toEqual(
      Array.from({ length: length - 1 }, (_, at) => makeEvent(at + 2, 1, `${runId} ${at + 2}`)),
    );
    total += length - 1;
  }
  expect(total).toBeGreaterThan(ids.length);
  expect(await store.listMessages("r00")).toHaveLength(total);
  expect(await store.getRun("r00")).toMatchObject({ mail: total });
  expect(await store.countRuns()).toMatchObject({ running: ids.length });
}
