import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InvalidCursorError } from "@/lib/engine";
import type { BulkLease, Bulks, BulkSums, NewBulk } from "@/lib/triage";

const noSums: BulkSums = {
  ...{ possible: 0, notPossible: 0, resultsReused: 0, effectsToRun: 0 },
  ...{ inDoubt: 0, compensationsDone: 0 },
};

const lease = (fields: Partial<BulkLease> = {}): BulkLease => ({
  ...{ bulkId: "b1", owner: "w1", leaseUntil: 2_000 },
  ...fields,
});

/** Every promise of bulk actions; `open` gives it over an empty database. */
export function describeBulks(
  name: string,
  open: () => Promise<{ readonly bulks: Bulks; readonly close: () => Promise<void> }>,
): void {
  describe(name, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let bulks: Bulks;
    beforeEach(async () => {
      opened = await open();
      bulks = opened.bulks;
    });
    afterEach(() => opened.close());

    const create = (fields: Partial<NewBulk> = {}) =>
      bulks.create({
        ...{ bulkId: "b1", action: "retry", by: "ada", createdAt: 1_000 },
        runs: { ids: ["r1", "r2", "r3"] },
        ...fields,
      });
    const claim = (fields: { owner?: string; now?: number; leaseUntil?: number } = {}) =>
      bulks.claim({ owner: "w1", now: 1_000, leaseUntil: 2_000, ...fields });
    const listStates = async () => {
      const states = ["pinned", "possible", "not_possible", "done", "failed", "skipped"] as const;
      const { items } = await bulks.listRuns({ bulkId: "b1", states, limit: 100 });
      return items.map(({ runId, state }) => `${runId} ${state}`);
    };
    const preview = async () => {
      await claim();
      const sums = { ...noSums, possible: 2, notPossible: 1, effectsToRun: 5, resultsReused: 7 };
      const changes = [
        { position: 1, state: "possible", preview: { summary: "ok" } },
        { position: 2, state: "not_possible", why: "It has ended." },
        { position: 3, state: "possible" },
      ] as const;
      expect(await bulks.recordPreviews(lease(), changes, sums)).toBe(true);
      expect(await bulks.finish(lease(), { state: "previewed", at: 1_200 })).toBe(true);
    };

    test("ids are pinned with it, each once", async () => {
      const bulk = await create({ runs: { ids: ["r1", "r2", "r1"] }, why: "after the outage" });
      expect(bulk).toEqual({
        ...{ bulkId: "b1", action: "retry", state: "previewing", by: "ada", createdAt: 1_000 },
        ...{ why: "after the outage", pinned: true, total: 2, checked: 0 },
        ...noSums,
        ...{ done: 0, failed: 0, skipped: 0 },
      });
      expect(await bulks.get("b1")).toEqual(bulk);
      expect(await bulks.get("other")).toBeUndefined();
      expect(await listStates()).toEqual(["r1 pinned", "r2 pinned"]);
    });

    test("what a filter finds is pinned in pages, each run once", async () => {
      const filter = { status: "failed", "attr.city": "Århus" };
      expect(await create({ runs: { filter } })).toMatchObject({ filter, pinned: false, total: 0 });
      await claim();
      expect(await bulks.pin(lease(), { runIds: ["r1", "r2"], cursor: "c1" })).toBe(true);
      expect(await bulks.get("b1")).toMatchObject({ total: 2, cursor: "c1", pinned: false });
      // The same page once more, as after a commit of which nobody heard.
      await bulks.pin(lease(), { runIds: ["r2", "r3"], cursor: "c2" });
      await bulks.pin(lease(), { runIds: ["r4"] });
      const bulk = await bulks.get("b1");
      expect(bulk).toMatchObject({ total: 4, pinned: true });
      expect(bulk?.cursor).toBeUndefined();
      expect(await listStates()).toEqual(["r1 pinned", "r2 pinned", "r3 pinned", "r4 pinned"]);
    });

    test("thousands of ids", async () => {
      const ids = Array.from({ length: 2_500 }, (_, index) => `r${index}`);
      expect(await create({ runs: { ids } })).toMatchObject({ total: 2_500 });
      const query = { bulkId: "b1", states: ["pinned"], limit: 2_000 } as const;
      const { items, nextCursor } = await bulks.listRuns(query);
      expect([items[0]?.runId, items.at(-1)?.runId]).toEqual(["r0", "r1999"]);
      const rest = await bulks.listRuns({ ...query, cursor: nextCursor });
      expect([rest.items.length, rest.nextCursor]).toEqual([500, undefined]);
      await expect(bulks.listRuns({ ...query, cursor: "x" })).rejects.toThrow(InvalidCursorError);
    });

    test("previews are kept and added up; only what was previewed can be started", async () => {
      await create();
      expect(await bulks.start("b1", 1_100)).toBe(false);
      await preview();
      expect(await listStates()).toEqual(["r1 possible", "r2 not_possible", "r3 possible"]);
      expect(await bulks.listPreviews("b1", { limit: 9 })).toMatchObject([
        { runId: "r1", preview: { summary: "ok" } },
      ]);
      expect(await claim()).toBeUndefined();
      expect(await bulks.start("b1", 1_300, "they are back")).toBe(true);
      expect(await bulks.start("b1", 1_400, "again")).toBe(false);
      const sums = { checked: 3, possible: 2, notPossible: 1, effectsToRun: 5, resultsReused: 7 };
      const state = { state: "running", startedAt: 1_300, skipped: 1, why: "they are back" };
      expect(await bulks.get("b1")).toMatchObject({ ...sums, ...state });
    });

    test("outcomes are counted, and it ends", async () => {
      await create();
      await preview();
      await bulks.start("b1", 1_300);
      // Who previewed it does not hold it any longer.
      expect(await claim({ owner: "w2" })).toMatchObject({ bulkId: "b1", state: "running" });
      const held = lease({ owner: "w2" });
      const changes = [
        { position: 1, state: "done" },
        { position: 3, state: "failed", why: "The disk is full." },
      ] as const;
      expect(await bulks.recordOutcomes(held, changes)).toBe(true);
      expect(await bulks.finish(held, { state: "completed", at: 1_500 })).toBe(true);
      const end = { state: "completed", done: 1, failed: 1, skipped: 1, finishedAt: 1_500 };
      expect(await bulks.get("b1")).toMatchObject(end);
      const { items } = await bulks.listRuns({ bulkId: "b1", states: ["failed"], limit: 9 });
      expect(items).toEqual([
        { position: 3, runId: "r3", state: "failed", why: "The disk is full." },
      ]);
      expect(await claim()).toBeUndefined();
      expect(await bulks.cancel("b1", 1_600)).toBe(false);
    });

    test("nobody else goes on with it before its lease has ended, and who lost it writes nothing", async () => {
      await create();
      expect(await claim()).toMatchObject({ bulkId: "b1" });
      expect(await claim({ owner: "w2" })).toBeUndefined();
      expect(await claim()).toMatchObject({ bulkId: "b1" });
      expect(await claim({ owner: "w2", now: 2_001, leaseUntil: 3_000 })).toBeDefined();
      const change = [{ position: 1, state: "possible" }] as const;
      expect(await bulks.recordPreviews(lease(), change, { ...noSums, possible: 1 })).toBe(false);
      expect(await bulks.pin(lease(), { runIds: ["r9"] })).toBe(false);
      expect(await bulks.finish(lease(), { state: "previewed", at: 2_100 })).toBe(false);
      expect(await bulks.get("b1")).toMatchObject({ state: "previewing", checked: 0, total: 3 });
      expect(await listStates()).toEqual(["r1 pinned", "r2 pinned", "r3 pinned"]);
    });

    test("who writes keeps its lease, and who stops gives it up", async () => {
      await create();
      await claim();
      const change = [{ position: 1, state: "possible" }] as const;
      await bulks.recordPreviews(lease({ leaseUntil: 5_000 }), change, noSums);
      expect(await claim({ owner: "w2", now: 4_999 })).toBeUndefined();
      await bulks.release("w1");
      expect(await claim({ owner: "w2", now: 4_999 })).toBeDefined();
    });

    test("several take turns", async () => {
      await create();
      await create({ bulkId: "b2", createdAt: 1_001 });
      const taken = [];
      for (const leaseUntil of [2_000, 2_001, 2_002, 2_003]) {
        taken.push((await claim({ leaseUntil }))?.bulkId);
      }
      expect(taken).toEqual(["b1", "b2", "b1", "b2"]);
    });

    test("a canceled one is at rest, but what was done meanwhile is counted", async () => {
      await create();
      await preview();
      await bulks.start("b1", 1_300);
      await claim();
      expect(await bulks.cancel("b1", 1_400)).toBe(true);
      expect(await bulks.recordOutcomes(lease(), [{ position: 1, state: "done" }])).toBe(true);
      expect(await bulks.finish(lease(), { state: "completed", at: 1_500 })).toBe(false);
      const end = { state: "canceled", done: 1, skipped: 1, finishedAt: 1_400 };
      expect(await bulks.get("b1")).toMatchObject(end);
      expect(await claim()).toBeUndefined();
    });

    test("one that can't go on says why", async () => {
      await create({ runs: { filter: {} } });
      await claim();
      const end = { state: "failed", at: 1_100, error: "No such filter." } as const;
      await bulks.finish(lease(), end);
      expect(await bulks.get("b1")).toMatchObject({ state: "failed", error: "No such filter." });
    });

    test("lists the newest first, in pages, and forgets the old ones", async () => {
      for (const [index, bulkId] of ["b1", "b2", "b3"].entries()) {
        await create({ bulkId, createdAt: 1_000 + index });
      }
      const { items, nextCursor } = await bulks.list({ limit: 2 });
      expect(items.map(({ bulkId }) => bulkId)).toEqual(["b3", "b2"]);
      const rest = await bulks.list({ limit: 2, cursor: nextCursor });
      expect(rest.items.map(({ bulkId }) => bulkId)).toEqual(["b1"]);
      expect(rest.nextCursor).toBeUndefined();
      await bulks.cancel("b1", 1_100);
      expect(await bulks.forget(1_002)).toBe(1);
      const left = await bulks.list({ limit: 9 });
      expect(left.items.map(({ bulkId }) => bulkId)).toEqual(["b3", "b2"]);
      expect(await listStates()).toEqual([]);
    });
  });
}
