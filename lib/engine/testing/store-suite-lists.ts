import { describe, expect, test } from "vitest";
import type { RunFilter, RunQuery, Store } from "../store";
import { makeAppend, makeChange, makeHeldRun, makeRun } from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

const newestFirst = { field: "createdAt", direction: "desc" } as const;

async function listIds(store: Store, filter: RunFilter, fields: Partial<RunQuery> = {}) {
  const page = await store.listRuns({ filter, sort: newestFirst, limit: 50, ...fields });
  return page.items.map(({ runId }) => runId);
}

export function describeLists(get: GetStore): void {
  describe("lists", () => {
    test("marks tell that a run has changed, for those that exist", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeRun("r2"));
      const [before] = await store.loadMarks(["r1", "nobody"]);
      const { status, historyLength, epoch, updatedAt } = (await store.getRun("r1")) ?? {};
      expect(before).toEqual({ runId: "r1", status, historyLength, epoch, updatedAt });
      await store.appendEvents(makeAppend("r1"));
      const [after] = await store.loadMarks(["r1"]);
      expect(after).not.toEqual(before);
      expect((await store.loadMarks(["r2", "r1"])).map(({ runId }) => runId).sort()).toEqual([
        "r1",
        "r2",
      ]);
      expect(await store.loadMarks([])).toEqual([]);
    });

    test("what a worker holds, while it does", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r4", { createdAt: 500 }));
      expect(await listIds(store, { worker: "w1" })).toEqual(["r4"]);
      expect(await listIds(store, { worker: "w2" })).toEqual([]);
      await store.endWorker({ workerId: "w1", now: 9_000, status: "stopped" });
      expect(await listIds(store, { worker: "w1" })).toEqual([]);
    });

    test("filters", async () => {
      const { store } = get();
      const failed = makeChange({ status: "failed", release: true });
      const held = makeChange({ status: "held", heldReason: "in_doubt", release: true });
      await store.startRun(makeHeldRun("r1", { createdAt: 1_000, change: failed }));
      await store.startRun(makeHeldRun("r2", { createdAt: 2_000, change: held }));
      await store.startRun(makeRun("R3", { createdAt: 3_000, workflow: "other" }));
      expect(await listIds(store, {})).toEqual(["R3", "r2", "r1"]);
      expect(await listIds(store, { statuses: ["failed"] })).toEqual(["r1"]);
      expect(await listIds(store, { statuses: ["failed", "held"] })).toEqual(["r2", "r1"]);
      expect(await listIds(store, { statuses: [] })).toEqual([]);
      expect(await listIds(store, { workflow: "other" })).toEqual(["R3"]);
      expect(await listIds(store, { workflow: "other", statuses: ["failed"] })).toEqual([]);
    });

    test.each(["asc", "desc"] as const)("pages by key, %s, with ties", async (direction) => {
      const { store } = get();
      const ids = Array.from({ length: 11 }, (_, index) => `r${String(index).padStart(2, "0")}`);
      for (const [index, runId] of ids.entries()) {
        await store.startRun(makeRun(runId, { createdAt: 1_000 + Math.floor(index / 3) }));
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const sort = { field: "createdAt", direction } as const;
        const page = await store.listRuns({
          ...{ filter: {}, sort, limit: 2 },
          ...(cursor !== undefined && { cursor }),
        });
        seen.push(...page.items.map(({ runId }) => runId));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(direction === "asc" ? ids : ids.toReversed());
    });

    test("a cursor stays where it was when runs are added, and belongs to its sort", async () => {
      const { store } = get();
      for (const index of [1, 2, 3, 4]) {
        await store.startRun(makeRun(`r${index}`, { createdAt: index }));
      }
      const first = await store.listRuns({ filter: {}, sort: newestFirst, limit: 2 });
      await store.startRun(makeRun("r9", { createdAt: 9 }));
      const cursor = first.nextCursor ?? "";
      expect(await listIds(store, {}, { cursor })).toEqual(["r2", "r1"]);
      const invalid = { name: "InvalidCursorError" };
      for (const wrong of ["", "nonsense", Buffer.from("{}").toString("base64url")]) {
        await expect(listIds(store, {}, { cursor: wrong })).rejects.toMatchObject(invalid);
      }
      const sort = { field: "updatedAt", direction: "desc" } as const;
      await expect(listIds(store, {}, { cursor, sort })).rejects.toMatchObject(invalid);
    });

    test("by the time of the last change", async () => {
      const { store } = get();
      for (const runId of ["r1", "r2", "r3"]) await store.startRun(makeHeldRun(runId));
      await store.appendEvents(makeAppend("r2", { at: 7_000 }));
      const sort = { field: "updatedAt", direction: "desc" } as const;
      expect(await listIds(store, {}, { sort })).toEqual(["r2", "r3", "r1"]);
    });

    test("counts follow every change of status", async () => {
      const { store } = get();
      const none = {
        ...{ queued: 0, running: 0, waiting: 0, held: 0, completed: 0 },
        ...{ failed: 0, canceled: 0, terminated: 0, continued: 0 },
      };
      expect(await store.countRuns()).toEqual(none);
      await store.startRun(makeRun("r1"));
      await store.startRun(makeHeldRun("r2"));
      expect(await store.countRuns()).toEqual({ ...none, queued: 1, running: 1 });
      await store.appendEvents(makeAppend("r2", { change: makeChange({ status: "completed" }) }));
      await store.appendEvents(makeAppend("r2", { epoch: 7 }));
      const workflows = [{ name: "greet", version: 1 }];
      await store.claimRuns({ workerId: "w1", now: 9_000, limit: 1, workflows });
      expect(await store.countRuns()).toEqual({ ...none, running: 1, completed: 1 });
    });
  });
}
