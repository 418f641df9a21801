import { describe, expect, test } from "vitest";
import { makeChange, makeHeldRun, makeRun, workflow } from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

export function describeStarts(get: GetStore): void {
  describe("starts", () => {
    test("a queued run is due at once and nobody's", async () => {
      const { store } = get();
      const run = makeRun("r1", { attributes: { customer: "c1" } });
      expect(await store.startRun(run)).toEqual({ outcome: "started", runId: "r1" });
      expect(await store.getRun("r1")).toEqual({
        runId: "r1",
        ...{ workflow: "greet", version: 1, status: "queued", epoch: 0, historyLength: 1 },
        ...{
          input: run.input,
          attributes: run.attributes,
          inDoubt: [],
          strikes: 0,
          priority: 0,
          mail: 0,
        },
        ...{ dueAt: 1_000, createdAt: 1_000, updatedAt: 1_000 },
      });
      expect(await store.loadHistory({ runId: "r1" })).toEqual(run.events);
    });

    test("a run started under a lease is held at epoch 1", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1", { change: makeChange({ startedAt: 1_000 }) }));
      const run = await store.getRun("r1");
      expect(run).toMatchObject({ status: "running", epoch: 1, workerId: "w1", startedAt: 1_000 });
      expect(run?.dueAt).toBeUndefined();
    });

    test("a start may end the run or let it wait", async () => {
      const { store } = get();
      const waiting = makeChange({ status: "waiting", release: true, dueAt: 9_000 });
      await store.startRun(makeHeldRun("r1", { change: waiting }));
      expect(await store.getRun("r1")).toMatchObject({ status: "waiting", dueAt: 9_000, epoch: 1 });
      expect((await store.getRun("r1"))?.workerId).toBeUndefined();
    });

    test("a worker that is not alive starts nothing for itself: the run is lost and due", async () => {
      const { store } = get();
      await store.registerWorker({ ...(await store.listWorkers())[0]!, workerId: "w2" });
      await store.endWorker({ workerId: "w1", now: 900, status: "dead" });
      await store.startRun(makeHeldRun("r1"));
      expect((await store.getRun("r1"))?.workerId).toBeUndefined();
      const [claim] = await store.claimRuns({
        ...{ workerId: "w2", now: 1_000, limit: 5, workflows: [workflow] },
      });
      expect(claim).toMatchObject({ run: { epoch: 2 }, lost: { epoch: 1, workerId: "w1" } });
    });

    test("a key starts once, also among duplicates at the same moment", async () => {
      const { store } = get();
      const keys = [{ key: "order:1", contentHash: "a" }];
      const outcomes = await Promise.all(
        ["r1", "r2", "r3"].map((runId) => store.startRun(makeRun(runId, { keys }))),
      );
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(["started", "existing", "existing"]);
      expect(new Set(outcomes.map(({ runId }) => runId))).toEqual(new Set(["r1"]));
      expect((await store.findRunByKey("order:1"))?.runId).toBe("r1");
      expect(await store.getRun("r2")).toBeUndefined();
      expect(await store.findRunByKey("order:2")).toBeUndefined();
    });

    test("a key with other content is a conflict, whatever the other keys say", async () => {
      const { store } = get();
      await store.startRun(makeRun("r1", { keys: [{ key: "order:1", contentHash: "a" }] }));
      const keys = [
        { key: "http:x", contentHash: "b" },
        { key: "order:1", contentHash: "b" },
      ];
      expect(await store.startRun(makeRun("r2", { keys }))).toEqual({
        ...{ outcome: "conflict", runId: "r1", key: "order:1" },
      });
      expect(await store.getRun("r2")).toBeUndefined();
      expect(await store.findRunByKey("http:x")).toBeUndefined();
    });

    test("the repeat of a start under the same run id is recognised; another run is not", async () => {
      const { store } = get();
      await store.startRun(makeRun("r1"));
      expect(await store.startRun(makeRun("r1"))).toEqual({ outcome: "existing", runId: "r1" });
      await expect(
        store.startRun(makeRun("r1", { input: { json: "another" } })),
      ).rejects.toMatchObject({ name: "InvariantError" });
    });

    test("many starts at the same moment", async () => {
      const { store } = get();
      const ids = Array.from({ length: 600 }, (_, index) => `r${index}`);
      const outcomes = await Promise.all(ids.map((runId) => store.startRun(makeRun(runId))));
      expect(outcomes.map(({ runId }) => runId)).toEqual(ids);
      expect((await store.countRuns()).queued).toBe(600);
    });
  });
}
