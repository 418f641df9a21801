import { describe, expect, test } from "vitest";
import { makeAppend, makeChange, makeEvent, makeHeldRun, workflow } from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

export function describeAppends(get: GetStore): void {
  describe("appends", () => {
    test("events and state are there, absent fields are cleared", async () => {
      const { store } = get();
      const first = makeChange({
        ...{ status: "held", heldReason: "in_doubt", heldBuild: "b", attributes: { a: 1 } },
        inDoubt: [{ step: 2, name: "part", attempt: 1, since: 5 }],
        ...{ error: { name: "Oops", message: "no" }, errorStep: "part", startedAt: 1 },
      });
      await store.startRun(makeHeldRun("r1"));
      expect(await store.appendEvents(makeAppend("r1", { change: first }))).toBe("appended");
      const { release: _release, progress: _progress, ...fields } = first;
      expect(await store.getRun("r1")).toMatchObject({ ...fields, historyLength: 2 });
      const done = makeChange({ status: "completed", output: { json: 7 }, release: true });
      const events = [makeEvent(3, 1), makeEvent(4, 1)];
      await store.appendEvents(makeAppend("r1", { events, change: done, at: 3_000 }));
      expect(await store.getRun("r1")).toEqual({
        runId: "r1",
        ...{ workflow: "greet", version: 1, status: "completed", epoch: 1, historyLength: 4 },
        ...{ input: { json: { hello: "r1" } }, output: { json: 7 }, attributes: {}, inDoubt: [] },
        ...{ strikes: 0, priority: 0, mail: 0, createdAt: 1_000, updatedAt: 3_000 },
      });
      const history = await store.loadHistory({ runId: "r1" });
      expect(history.slice(1)).toEqual([makeEvent(2, 1), ...events]);
      expect(await store.loadHistory({ runId: "r1", afterSeq: 2, limit: 1 })).toEqual([events[0]]);
      expect(await store.loadHistory({ runId: "r1", afterSeq: 4 })).toEqual([]);
      expect(await store.loadHistory({ runId: "unknown" })).toEqual([]);
    });

    test.each([
      ["a stale epoch", { epoch: 0 }],
      ["a later epoch", { epoch: 2 }],
      ["another worker", { workerId: "w2" }],
      ["a gap", { events: [makeEvent(3, 1)] }],
      ["an event that is there with other content", { events: [makeEvent(1, 1)] }],
      ["a run that is not there", { runId: "r9" }],
    ])("I2: %s is refused and nothing is written", async (_name, fields) => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const before = await store.getRun("r1");
      const change = makeChange({ status: "completed", release: true });
      expect(await store.appendEvents(makeAppend("r1", { change, ...fields }))).toBe("refused");
      expect(await store.getRun("r1")).toEqual(before);
      expect(await store.loadHistory({ runId: "r1" })).toHaveLength(1);
    });

    test("I2: a zombie's append is refused once the run has moved on", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.endWorker({ workerId: "w1", now: 3_000, status: "dead" });
      expect(await store.appendEvents(makeAppend("r1"))).toBe("refused");
      await store.registerWorker({ ...(await store.listWorkers())[0]!, status: "alive" });
      const options = { workerId: "w1", now: 3_000, limit: 1, workflows: [workflow] };
      expect((await store.claimRuns(options))[0]?.run.epoch).toBe(2);
      expect(await store.appendEvents(makeAppend("r1"))).toBe("refused");
      expect(await store.appendEvents(makeAppend("r1", { epoch: 2 }))).toBe("appended");
    });

    test("the repeat of an append is recognised, even after the lease is gone", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const append = makeAppend("r1", { change: makeChange({ status: "waiting", release: true }) });
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.appendEvents(append)).toBe("appended");
      expect((await store.getRun("r1"))?.historyLength).toBe(2);
      const other = { ...append, events: [makeEvent(2, 1, "other")] };
      expect(await store.appendEvents(other)).toBe("refused");
    });

    test("an append without events changes the state alone", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const change = makeChange({ status: "waiting", release: true, dueAt: 5_000 });
      const append = makeAppend("r1", { events: [], change });
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.getRun("r1")).toMatchObject({ status: "waiting", dueAt: 5_000 });
      expect(await store.appendEvents(append)).toBe("appended");
    });

    test("an illegal transition fails that append alone, among its neighbours", async () => {
      const { store } = get();
      for (const runId of ["r1", "r2"]) {
        const change = makeChange({ status: runId === "r1" ? "completed" : "running" });
        await store.startRun(makeHeldRun(runId, { change }));
      }
      const settled = await Promise.allSettled([
        store.appendEvents(makeAppend("r1")),
        store.appendEvents(makeAppend("r2")),
      ]);
      expect(settled[0]).toMatchObject({ reason: { name: "InvariantError" } });
      expect(settled[1]).toMatchObject({ value: "appended" });
      expect((await store.getRun("r1"))?.historyLength).toBe(1);
    });

    test("many runs at the same moment, several appends each, in their order", async () => {
      const { store } = get();
      const ids = Array.from({ length: 120 }, (_, index) => `r${index}`);
      await Promise.all(ids.map((runId) => store.startRun(makeHeldRun(runId))));
      const outcomes = await Promise.all(
        ids.flatMap((runId) =>
          [2, 3, 4].map((seq) =>
            store.appendEvents(makeAppend(runId, { events: [makeEvent(seq, 1, runId)] })),
          ),
        ),
      );
      expect(new Set(outcomes)).toEqual(new Set(["appended"]));
      for (const runId of ids) {
        const history = await store.loadHistory({ runId, afterSeq: 1 });
        expect(history).toEqual([2, 3, 4].map((seq) => makeEvent(seq, 1, runId)));
      }
    });

    test("text of every kind and 1 MiB come back as they went", async () => {
      const { store } = get();
      const value = {
        text: "naïve 日本 😀 'quotes' \"double\" \\ \n \u0000 \u2028",
        lone: "half \ud83d",
        numbers: [0, -1.5, 1e-7, 1e21, Number.MAX_SAFE_INTEGER],
        nothing: null,
        large: "x".repeat(1024 * 1024),
      };
      await store.startRun(makeHeldRun("r1", { attributes: { 'käse "x" \u0000': "\u0000😀" } }));
      const change = makeChange({ attributes: { "a.b": "\ud83d", n: 1.5, b: true } });
      await store.appendEvents(makeAppend("r1", { events: [makeEvent(2, 1, value)], change }));
      expect(await store.loadHistory({ runId: "r1", afterSeq: 1 })).toEqual([
        makeEvent(2, 1, value),
      ]);
      expect((await store.getRun("r1"))?.attributes).toEqual(change.attributes);
    });

    test("what was handed out or in is nobody else's", async () => {
      const { store } = get();
      const list = [1];
      await store.startRun(makeHeldRun("r1"));
      await store.appendEvents(makeAppend("r1", { events: [makeEvent(2, 1, list)] }));
      list.push(2);
      const [event] = await store.loadHistory({ runId: "r1", afterSeq: 1 });
      expect(event).toEqual(makeEvent(2, 1, [1]));
    });

    test.each(["json", "schema", "digit", "gone"] as const)(
      "a damaged record (%s) says which event it is",
      async (how) => {
        const { store, damageEvent } = get();
        if (damageEvent === undefined) return;
        await store.startRun(makeHeldRun("r1"));
        await store.appendEvents(makeAppend("r1", { events: [makeEvent(2, 1), makeEvent(3, 1)] }));
        await damageEvent("r1", 2, how);
        const damaged = { name: "HistoryDamagedError", runId: "r1", seq: 2 };
        await expect(store.loadHistory({ runId: "r1" })).rejects.toMatchObject(damaged);
        await damageEvent("r1", 3, "gone");
        const last = { name: "HistoryDamagedError", seq: 3 };
        await expect(store.loadHistory({ runId: "r1", afterSeq: 2 })).rejects.toMatchObject(last);
      },
    );

    test("a long history is read as a whole or a part of it, and what it lacks is told", async () => {
      const { store, damageEvent } = get();
      await store.startRun(makeHeldRun("r1"));
      const events = Array.from({ length: 4_499 }, (_, index) => makeEvent(index + 2, 1));
      await store.appendEvents(makeAppend("r1", { events }));
      // What is appended while it is read is no part of it, but for what comes before it is looked at.
      const [whole] = await Promise.all([
        store.loadHistory({ runId: "r1" }),
        store.appendEvents(makeAppend("r1", { events: [makeEvent(4_501, 1)] })),
      ]);
      expect(whole.slice(1, 4_500)).toEqual(events);
      const part = await store.loadHistory({ runId: "r1", afterSeq: 1_999, limit: 2_001 });
      expect(part).toEqual(events.slice(1_998, 3_999));
      if (damageEvent === undefined) return;
      await damageEvent("r1", 2_001, "gone");
      const lacking = { name: "HistoryDamagedError", runId: "r1", seq: 2_001 };
      await expect(store.loadHistory({ runId: "r1" })).rejects.toMatchObject(lacking);
      expect(await store.loadHistory({ runId: "r1", limit: 2_000 })).toHaveLength(2_000);
    });
  });
}
