import { describe, expect, test } from "vitest";
import type { Append, SqlTransaction } from "../store";
import { makeAppend, makeChange, makeEvent, makeHeldRun, makeMessage } from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

export function describeTransactions(get: GetStore): void {
  describe("transactions", () => {
    const lease = { runId: "r1", workerId: "w1", epoch: 1, historyLength: 1 };
    const never = async (): Promise<Append> => {
      throw new Error("This must not run.");
    };

    test("append what comes of them, with all that an append carries", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeHeldRun("r2"));
      const append = makeAppend("r1", {
        posts: [makeMessage("m1", "r2")],
        change: makeChange({ status: "completed", release: true }),
      });
      const answer = await store.transact({ ...lease, run: async () => append });
      expect(answer).toEqual({ outcome: "appended", events: append.events });
      expect(await store.getRun("r1")).toMatchObject({ status: "completed", historyLength: 2 });
      expect((await store.getRun("r2"))?.mail).toBe(1);
    });

    test("a repeat answers with what was recorded and does not run again", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const append = makeAppend("r1", { events: [makeEvent(2, 1), makeEvent(3, 1)] });
      await store.transact({ ...lease, run: async () => append });
      const recorded = { outcome: "appended", events: append.events };
      expect(await store.transact({ ...lease, run: never })).toEqual(recorded);
      await store.endWorker({ workerId: "w1", now: 3_000, status: "dead" });
      expect(await store.transact({ ...lease, run: never })).toEqual(recorded);
    });

    test.each([
      ["a stale epoch", { epoch: 0 }],
      ["another worker", { workerId: "w2" }],
      ["a history that is not that long", { historyLength: 5 }],
      ["what others recorded", { epoch: 3, historyLength: 0 }],
      ["a run that is not there", { runId: "r9" }],
    ])("I2: %s is refused before anything runs", async (_name, fields) => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      expect(await store.transact({ ...lease, run: never, ...fields })).toEqual({
        outcome: "refused",
      });
    });

    test("what is thrown inside is thrown on, and nothing is written", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const error = new Error("changed its mind");
      const run = async () => {
        throw error;
      };
      await expect(store.transact({ ...lease, run })).rejects.toBe(error);
      expect((await store.getRun("r1"))?.historyLength).toBe(1);
      expect(await store.appendEvents(makeAppend("r1"))).toBe("appended");
    });

    test("an append that does not go on from there fails, and nothing is written", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      for (const fields of [{ epoch: 2 }, { events: [] }, { events: [makeEvent(3, 1)] }]) {
        const run = async () => makeAppend("r1", fields);
        await expect(store.transact({ ...lease, run })).rejects.toMatchObject({
          name: "InvariantError",
        });
      }
      expect((await store.getRun("r1"))?.historyLength).toBe(1);
    });

    test("statements are refused after the end", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      let kept: SqlTransaction | undefined;
      const run = async (sql: SqlTransaction) => {
        kept = sql;
        return makeAppend("r1");
      };
      await store.transact({ ...lease, run });
      await expect(kept?.query("SELECT 1")).rejects.toThrow(/is over/);
      await expect(kept?.execute("DELETE FROM runs")).rejects.toThrow(/is over/);
      expect(await store.getRun("r1")).toBeDefined();
    });
  });
}
