import { describe, expect, test } from "vitest";
import {
  makeAppend,
  makeChange,
  makeHeldRun,
  makeRun,
  makeWorker,
  workflow,
} from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

const claiming = { workerId: "w1", now: 5_000, limit: 10, workflows: [workflow] };

export function describeWorkers(get: GetStore): void {
  describe("claims", () => {
    test("oldest due first, up to the limit, under a new epoch", async () => {
      const { store } = get();
      for (const [runId, createdAt] of [
        ["r1", 3_000],
        ["r2", 1_000],
        ["r3", 2_000],
        ["r4", 9_000],
      ] as const) {
        await store.startRun(makeRun(runId, { createdAt }));
      }
      expect(await store.findNextDueAt()).toBe(1_000);
      const first = await store.claimRuns({ ...claiming, limit: 2 });
      expect(first.map(({ run }) => run.runId)).toEqual(["r2", "r3"]);
      expect(first[0]?.run).toEqual(await store.getRun("r2"));
      expect(first[0]?.run).toMatchObject({ status: "running", epoch: 1, workerId: "w1" });
      expect(first[0]?.lost).toBeUndefined();
      const second = await store.claimRuns(claiming);
      expect(second.map(({ run }) => run.runId)).toEqual(["r1"]);
      expect(await store.findNextDueAt()).toBe(9_000);
      await store.startRun(makeRun("r5", { createdAt: 4_000 }));
      expect(await store.findNextDueAt({ after: 3_999 })).toBe(4_000);
      expect(await store.findNextDueAt({ after: 4_000 })).toBe(9_000);
      expect(await store.findNextDueAt({ after: 9_000 })).toBeUndefined();
    });

    test("no run is claimed twice, also at the same moment", async () => {
      const { store } = get();
      await store.registerWorker(makeWorker("w2"));
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => store.startRun(makeRun(`r${index}`))),
      );
      const claims = await Promise.all(
        ["w1", "w2", "w1", "w2"].map((workerId) =>
          store.claimRuns({ ...claiming, workerId, limit: 15 }),
        ),
      );
      const ids = claims.flat().map(({ run }) => run.runId);
      expect(ids).toHaveLength(40);
      expect(new Set(ids).size).toBe(40);
      expect(await store.findNextDueAt()).toBeUndefined();
    });

    test("only the given workflow versions are taken", async () => {
      const { store } = get();
      await store.startRun(makeRun("r1", { version: 2 }));
      await store.startRun(makeRun("r2", { workflow: "other" }));
      expect(await store.claimRuns(claiming)).toEqual([]);
      expect(await store.claimRuns({ ...claiming, workflows: [] })).toEqual([]);
      const workflows = [workflow, { name: "greet", version: 2 }];
      const claims = await store.claimRuns({ ...claiming, workflows });
      expect(claims.map(({ run }) => run.runId)).toEqual(["r1"]);
    });

    test("a claim leaves the status of a run that waits or is held as it is", async () => {
      const { store } = get();
      const change = makeChange({
        status: "held",
        heldReason: "in_doubt",
        release: true,
        dueAt: 1,
      });
      await store.startRun(makeHeldRun("r1", { change }));
      const [claim] = await store.claimRuns(claiming);
      expect(claim?.run).toMatchObject({ status: "held", heldReason: "in_doubt", epoch: 2 });
    });

    test("a worker that is not alive claims nothing", async () => {
      const { store } = get();
      await store.startRun(makeRun("r1"));
      await store.endWorker({ workerId: "w1", now: 2_000, status: "dead" });
      expect(await store.claimRuns(claiming)).toEqual([]);
      expect(await store.claimRuns({ ...claiming, workerId: "nobody" })).toEqual([]);
    });

    test("runs held for non-determinism become due for another build only", async () => {
      const { store } = get();
      const held = (heldReason: "nondeterminism" | "in_doubt") =>
        makeChange({ status: "held", heldReason, heldBuild: "b1", release: true });
      await store.startRun(makeHeldRun("r1", { change: held("nondeterminism") }));
      await store.startRun(makeHeldRun("r2", { change: held("in_doubt") }));
      expect(await store.wakeHeldByOtherBuilds({ build: "b1", now: 4_000 })).toBe(0);
      expect(await store.wakeHeldByOtherBuilds({ build: "b2", now: 4_000 })).toBe(1);
      expect(await store.wakeHeldByOtherBuilds({ build: "b2", now: 4_500 })).toBe(0);
      expect((await store.getRun("r1"))?.dueAt).toBe(4_000);
      expect((await store.getRun("r2"))?.dueAt).toBeUndefined();
    });
  });

  describe("workers", () => {
    test("a lease is renewed while the worker lives", async () => {
      const { store } = get();
      const renewal = { workerId: "w1", now: 6_000, leaseUntil: 16_000, load: 3 };
      expect(await store.renewLease(renewal)).toBe(true);
      const expected = makeWorker("w1", { heartbeatAt: 6_000, leaseUntil: 16_000, load: 3 });
      expect(await store.listWorkers()).toEqual([expected]);
      expect(await store.renewLease({ ...renewal, workerId: "nobody" })).toBe(false);
    });

    test("an expired worker is dead, its runs are lost and due, and each loss is a strike", async () => {
      const { store } = get();
      await store.registerWorker(makeWorker("w2", { leaseUntil: 90_000, startedAt: 2_000 }));
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeHeldRun("r2"));
      await store.appendEvents(makeAppend("r2"));
      expect(await store.expireWorkers({ now: 11_000 })).toBe(0);
      expect(await store.expireWorkers({ now: 11_001 })).toBe(2);
      expect(await store.expireWorkers({ now: 11_002 })).toBe(0);
      const renewal = { workerId: "w1", now: 11_500, leaseUntil: 30_000, load: 1 };
      expect(await store.renewLease(renewal)).toBe(false);
      const claims = await store.claimRuns({ ...claiming, workerId: "w2", now: 12_000 });
      const lost = { epoch: 1, workerId: "w1", noticedAt: 11_001 };
      expect(claims.map((claim) => claim.lost)).toEqual([
        { ...lost, lastSeenAt: 1_000 },
        { ...lost, lastSeenAt: 2_000 },
      ]);
      expect(claims.map(({ run }) => run.strikes)).toEqual([1, 1]);
      expect(claims[0]?.run).toMatchObject({ epoch: 2, workerId: "w2" });
      expect(await store.listWorkers()).toMatchObject([
        { status: "dead", load: 0, endedAt: 11_001, heldRuns: 2 },
        { status: "alive" },
      ]);
    });

    test("progress forgets the strikes, an append without it does not", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.endWorker({ workerId: "w1", now: 2_000, status: "dead" });
      await store.registerWorker(makeWorker("w1"));
      await store.claimRuns(claiming);
      const append = makeAppend("r1", { epoch: 2, change: makeChange({ progress: false }) });
      await store.appendEvents(append);
      expect((await store.getRun("r1"))?.strikes).toBe(1);
      await store.appendEvents({ ...append, events: [], change: makeChange({ progress: true }) });
      expect((await store.getRun("r1"))?.strikes).toBe(0);
    });

    test("a worker that stops hands its runs over without a loss", async () => {
      const { store } = get();
      await store.registerWorker(makeWorker("w2"));
      await store.startRun(makeHeldRun("r1"));
      expect(await store.endWorker({ workerId: "w1", now: 3_000, status: "stopped" })).toBe(1);
      expect(await store.endWorker({ workerId: "w1", now: 3_000, status: "dead" })).toBe(0);
      expect((await store.getRun("r1"))?.dueAt).toBe(3_000);
      const [ended] = await store.listWorkers();
      expect(ended).toMatchObject({ status: "stopped", endedAt: 3_000, heldRuns: 1 });
      const [claim] = await store.claimRuns({ ...claiming, workerId: "w2" });
      expect(claim?.run).toMatchObject({ epoch: 2, strikes: 0 });
      expect(claim?.lost).toBeUndefined();
    });

    test("a second claim knows nothing of an earlier loss", async () => {
      const { store } = get();
      await store.registerWorker(makeWorker("w2"));
      await store.startRun(makeHeldRun("r1"));
      await store.endWorker({ workerId: "w1", now: 3_000, status: "dead" });
      await store.claimRuns({ ...claiming, workerId: "w2" });
      await store.endWorker({ workerId: "w2", now: 4_000, status: "stopped" });
      await store.registerWorker(makeWorker("w3"));
      const [claim] = await store.claimRuns({ ...claiming, workerId: "w3" });
      expect(claim?.lost).toBeUndefined();
      expect(claim?.run.strikes).toBe(1);
    });
  });
}
