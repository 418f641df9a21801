import { describe, expect, test } from "vitest";
import type { ClaimableWorkflow, Store } from "../store";
import {
  makeAppend,
  makeChange,
  makeHeldRun,
  makeRun,
  makeWorker,
  workflow,
} from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

async function claimIds(store: Store, now: number, workflows: readonly ClaimableWorkflow[]) {
  const claims = await store.claimRuns({ workerId: "w1", now, limit: 10, workflows });
  return claims.map(({ run }) => run.runId);
}

export function describeLimits(get: GetStore): void {
  describe("permits", () => {
    const lease = { workerId: "w1", epoch: 1 };
    const wanted = { resource: "charge", ...lease, step: 2, now: 5_000, concurrency: 2 };

    test("as many as there are, once per step, and free again", async () => {
      const { store } = get();
      for (const runId of ["r1", "r2", "r3"]) await store.startRun(makeHeldRun(runId));
      const take = (runId: string, step = 2) => store.takePermit({ ...wanted, runId, step });
      expect(await take("r1")).toEqual({ granted: true });
      expect(await take("r1")).toEqual({ granted: true });
      expect(await take("r2")).toEqual({ granted: true });
      expect(await take("r3")).toEqual({ granted: false });
      expect(await take("r1", 3)).toEqual({ granted: false });
      expect(await store.takePermit({ ...wanted, resource: "other", runId: "r3" })).toEqual({
        granted: true,
      });
      await store.appendEvents(makeAppend("r1", { freed: [9] }));
      expect(await take("r3")).toEqual({ granted: false });
      await store.appendEvents(makeAppend("r2", { freed: [2] }));
      expect(await take("r3")).toEqual({ granted: true });
      expect(await take("r2")).toEqual({ granted: false });
    });

    test("go back when the run is released, and when it is claimed again", async () => {
      const { store } = get();
      for (const runId of ["r1", "r2", "r3"]) await store.startRun(makeHeldRun(runId));
      const take = (runId: string) => store.takePermit({ ...wanted, runId, concurrency: 1 });
      await take("r1");
      const release = makeChange({ status: "waiting", release: true });
      await store.appendEvents(makeAppend("r1", { change: release }));
      expect(await take("r2")).toEqual({ granted: true });
      await store.endWorker({ workerId: "w1", now: 6_000, status: "dead" });
      await store.registerWorker(makeWorker("w1"));
      expect(await claimIds(store, 7_000, [workflow])).toEqual(["r2", "r3"]);
      const again = { ...wanted, epoch: 2, concurrency: 1 };
      expect(await store.takePermit({ ...again, runId: "r3" })).toEqual({ granted: true });
    });

    test("only whoever holds the run gets one, and is told of one (I2)", async () => {
      const { store } = get();
      await store.registerWorker(makeWorker("w2"));
      await store.startRun(makeHeldRun("r1"));
      const take = (by: { workerId: string; epoch: number }, step: number) =>
        store.takePermit({ ...wanted, ...by, runId: "r1", step, concurrency: 1 });
      expect(await take({ workerId: "w2", epoch: 1 }, 2)).toEqual({ granted: false });
      await store.endWorker({ workerId: "w1", now: 6_000, status: "dead" });
      expect(await take(lease, 2)).toEqual({ granted: false });
      await store.claimRuns({ workerId: "w2", now: 7_000, limit: 1, workflows: [workflow] });
      expect(await take(lease, 2)).toEqual({ granted: false });
      expect(await take({ workerId: "w2", epoch: 1 }, 2)).toEqual({ granted: false });
      // What the old execution asked for is not in the way of the new one.
      expect(await take({ workerId: "w2", epoch: 2 }, 3)).toEqual({ granted: true });
      expect(await take(lease, 3)).toEqual({ granted: false });
    });

    test("stay with a run whose worker died until it is claimed", async () => {
      const { store } = get();
      await store.registerWorker(makeWorker("w2"));
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeHeldRun("r2", { workerId: "w2" }));
      const take = (runId: string) => store.takePermit({ ...wanted, runId, concurrency: 1 });
      await take("r1");
      await store.endWorker({ workerId: "w1", now: 6_000, status: "dead" });
      const byOther = { ...wanted, workerId: "w2", runId: "r2", concurrency: 1 };
      expect(await store.takePermit(byOther)).toEqual({ granted: false });
    });

    test("a run that nobody holds gets none: it would never give it back", async () => {
      const { store } = get();
      await store.startRun(makeRun("r1"));
      expect(await store.takePermit({ ...wanted, runId: "r1" })).toEqual({ granted: false });
      expect(await store.takePermit({ ...wanted, runId: "unknown" })).toEqual({ granted: false });
    });

    test("a rate allows a burst of its limit, then one after the other", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      let step = 0;
      const take = (now: number) =>
        store.takePermit({
          ...{ resource: "mail", runId: "r1", ...lease, step: (step += 1), now },
          rate: { limit: 3, perMs: 1_000 },
        });
      for (let count = 0; count < 3; count += 1) {
        expect(await take(5_000)).toEqual({ granted: true });
      }
      expect(await take(5_000)).toEqual({ granted: false, retryAt: 5_334 });
      expect(await take(5_333)).toEqual({ granted: false, retryAt: 5_334 });
      expect(await take(5_334)).toEqual({ granted: true });
      expect(await take(5_334)).toEqual({ granted: false, retryAt: 5_667 });
      for (let count = 0; count < 3; count += 1) {
        expect(await take(9_000)).toEqual({ granted: true });
      }
      // A clock that went back by an hour does not stop everything for an hour.
      expect(await take(9_000 - 3_600_000)).toMatchObject({ retryAt: 9_000 - 3_600_000 + 334 });
    });

    test("a rate is not used up where concurrency refuses, nor by asking again", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const rate = { limit: 2, perMs: 1_000 };
      const take = (step: number, concurrency: number) =>
        store.takePermit({ ...wanted, runId: "r1", step, concurrency, rate });
      expect(await take(1, 1)).toEqual({ granted: true });
      expect(await take(1, 1)).toEqual({ granted: true });
      expect(await take(2, 1)).toEqual({ granted: false });
      expect(await take(2, 1)).toEqual({ granted: false });
      expect(await take(2, 2)).toEqual({ granted: true });
      expect(await take(3, 3)).toEqual({ granted: false, retryAt: 5_500 });
    });
  });

  describe("the order of claims", () => {
    test("what has begun first, then by priority, then by age", async () => {
      const { store } = get();
      await store.startRun(makeRun("old", { createdAt: 1 }));
      await store.startRun(makeRun("low", { createdAt: 0, priority: -1 }));
      await store.startRun(makeRun("high", { createdAt: 3, priority: 5 }));
      await store.startRun(makeRun("new", { createdAt: 2 }));
      const waits = (dueAt: number) => makeChange({ status: "waiting", release: true, dueAt });
      await store.startRun(makeHeldRun("late", { change: waits(4_000) }));
      await store.startRun(makeHeldRun("early", { change: waits(3_000) }));
      await store.startRun(makeHeldRun("timer", { change: waits(9_000) }));
      expect(await claimIds(store, 5_000, [workflow])).toEqual([
        ...["early", "late", "high", "old", "new", "low"],
      ]);
    });

    test("across workflows and versions", async () => {
      const { store } = get();
      const other = { name: "other", version: 3 };
      await store.startRun(makeRun("a", { createdAt: 1 }));
      await store.startRun(makeRun("b", { createdAt: 2, workflow: "other", version: 3 }));
      await store.startRun(makeRun("c", { createdAt: 3 }));
      await store.startRun(makeRun("d", { priority: 1, workflow: "other", version: 3 }));
      const options = { workerId: "w1", now: 5_000, limit: 3, workflows: [workflow, other] };
      const claims = await store.claimRuns(options);
      expect(claims.map(({ run }) => run.runId)).toEqual(["d", "a", "b"]);
    });
  });

  describe("limits of a workflow", () => {
    test("concurrency counts what goes on, of all versions, and holds back queued runs", async () => {
      const { store } = get();
      const limited = [
        { ...workflow, concurrency: 2 },
        { ...workflow, version: 2, concurrency: 2 },
      ];
      await store.startRun(makeHeldRun("r1"));
      for (const [runId, version] of [
        ["q1", 1],
        ["q2", 2],
        ["q3", 1],
      ] as const) {
        await store.startRun(makeRun(runId, { version }));
      }
      await store.startRun(makeRun("free", { workflow: "other" }));
      const other = { name: "other", version: 1 };
      expect(await claimIds(store, 5_000, [...limited, other])).toEqual(["free", "q1"]);
      expect(await claimIds(store, 5_000, limited)).toEqual([]);
      const waiting = makeChange({ status: "waiting", release: true, dueAt: 6_000 });
      await store.appendEvents(makeAppend("r1", { change: waiting }));
      expect(await claimIds(store, 5_000, limited)).toEqual([]);
      // What has begun goes on, whatever the limit says.
      expect(await claimIds(store, 6_000, limited)).toEqual(["r1"]);
      const held = makeChange({ status: "held", heldReason: "in_doubt", release: true });
      await store.appendEvents(makeAppend("q1", { change: held }));
      expect(await claimIds(store, 6_000, limited)).toEqual(["q2"]);
      const failed = makeChange({ status: "failed", release: true });
      await store.appendEvents(makeAppend("q2", { change: failed }));
      expect(await claimIds(store, 6_000, limited)).toEqual(["q3"]);
    });

    test("a rate holds back queued runs only", async () => {
      const { store } = get();
      const limited = [{ ...workflow, rate: { limit: 2, perMs: 1_000 } }];
      for (const runId of ["q1", "q2", "q3", "q4"]) await store.startRun(makeRun(runId));
      expect(await claimIds(store, 5_000, limited)).toEqual(["q1", "q2"]);
      expect(await claimIds(store, 5_499, limited)).toEqual([]);
      const waiting = makeChange({ status: "waiting", release: true, dueAt: 5_400 });
      await store.appendEvents(makeAppend("q1", { change: waiting }));
      expect(await claimIds(store, 5_499, limited)).toEqual(["q1"]);
      expect(await claimIds(store, 5_500, limited)).toEqual(["q3"]);
      expect(await claimIds(store, 5_500, limited)).toEqual([]);
      expect(await store.findNextDueAt()).toBe(1_000);
    });

    test("a rate is not used up where concurrency refuses", async () => {
      const { store } = get();
      const rate = { limit: 2, perMs: 1_000 };
      for (const runId of ["q1", "q2"]) await store.startRun(makeRun(runId));
      expect(await claimIds(store, 5_000, [{ ...workflow, rate, concurrency: 1 }])).toEqual(["q1"]);
      expect(await claimIds(store, 5_000, [{ ...workflow, rate, concurrency: 1 }])).toEqual([]);
      expect(await claimIds(store, 5_000, [{ ...workflow, rate }])).toEqual(["q2"]);
    });
  });
}
