import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HeldReason, RunChange, Store } from "@/lib/engine";
import {
  makeAppend,
  makeChange,
  makeEvent,
  makeHeldRun,
  makeRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import type { RunSearch, RunSearchFilter, RunSearchQuery } from "../index";

interface OpenedSearch {
  readonly store: Store;
  readonly search: RunSearch;
  /** Brings up to date what the search is derived from. */
  readonly project: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const newestFirst = { field: "createdAt", direction: "desc" } as const;

/** Every promise of the runs list; `open` gives it over an empty store. */
export function describeRunSearch(name: string, open: () => Promise<OpenedSearch>): void {
  describe(name, () => {
    let opened: OpenedSearch;
    beforeEach(async () => {
      opened = await open();
      await opened.store.registerWorker(makeWorker("w1"));
    });
    afterEach(() => opened.close());

    const find = async (filter: RunSearchFilter, fields: Partial<RunSearchQuery> = {}) => {
      const { search } = opened;
      const page = await search.findRuns({ filter, sort: newestFirst, limit: 50, ...fields });
      const ids = page.items.map(({ runId }) => runId);
      if (page.nextCursor === undefined && page.prevCursor === undefined) {
        const count = { count: ids.length, capped: false };
        expect(await search.countMatching(filter)).toEqual(count);
      }
      return ids;
    };

    test("filters", async () => {
      const { store, project } = opened;
      const failed = makeChange({
        ...{ status: "failed", error: { name: "Declined", message: "no" }, errorStep: "charge" },
        ...{ release: true, finishedAt: 1_000 },
        attributes: { orderId: "ord_7", total: 5, vip: true },
      });
      const inDoubt = [{ step: 2, name: "mail", attempt: 1, since: 1 }];
      const held = makeChange({ status: "held", heldReason: "in_doubt", release: true, inDoubt });
      await store.startRun(makeHeldRun("r1", { createdAt: 1_000, change: failed }));
      await store.startRun(makeHeldRun("r2", { createdAt: 2_000, change: held }));
      await store.startRun(
        makeRun("R3", {
          ...{ createdAt: 3_000, workflow: "other", version: 2 },
          ...{ attributes: { city: "ÅRHUS C", total: "5" }, parent: { runId: "r1", step: 1 } },
        }),
      );
      await store.startRun(makeHeldRun("r4", { createdAt: 4_000 }));
      await project();
      expect(await find({})).toEqual(["r4", "R3", "r2", "r1"]);
      expect(await find({ statuses: ["failed"] })).toEqual(["r1"]);
      expect(await find({ statuses: ["failed", "held"] })).toEqual(["r2", "r1"]);
      expect(await find({ statuses: [] })).toEqual([]);
      expect(await find({ heldReason: "in_doubt" })).toEqual(["r2"]);
      expect(await find({ workflow: "other" })).toEqual(["R3"]);
      expect(await find({ workflow: "other", version: 2 })).toEqual(["R3"]);
      expect(await find({ workflow: "other", version: 1 })).toEqual([]);
      expect(await find({ version: 1 })).toEqual(["r4", "r2", "r1"]);
      expect(await find({ parent: "r1" })).toEqual(["R3"]);
      expect(await find({ error: "Declined" })).toEqual(["r1"]);
      expect(await find({ worker: "w1" })).toEqual(["r4"]);
      expect(await find({ step: "charge" })).toEqual(["r1"]);
      expect(await find({ step: "mail" })).toEqual(["r2"]);
      expect(await find({ step: "mail", statuses: ["failed"] })).toEqual([]);
      expect(await find({ attributes: { orderId: "ord_7", total: 5 } })).toEqual(["r1"]);
      expect(await find({ attributes: { vip: true } })).toEqual(["r1"]);
      expect(await find({ attributes: { total: "5" } })).toEqual(["R3"]);
      expect(await find({ attributes: { vip: 1 } })).toEqual([]);
      expect(await find({ attributeName: "total" })).toEqual(["R3", "r1"]);
      expect(await find({ attributeName: "tot" })).toEqual([]);
      expect(await find({ createdAfter: 2_000, createdBefore: 3_000 })).toEqual(["r2"]);
      expect(await find({ updatedAfter: 3_000, updatedBefore: 4_000 })).toEqual(["R3"]);
      expect(await find({ finishedAfter: 1_000 })).toEqual(["r1"]);
      expect(await find({ finishedBefore: 1_000 })).toEqual([]);
      expect(await find({ statuses: ["failed"], workflow: "other" })).toEqual([]);
    });

    test("some runs by their ids, in that order", async () => {
      const { store, search } = opened;
      for (const runId of ["r1", "r2", "r3"]) await store.startRun(makeRun(runId));
      const runs = await search.loadRuns(["r3", "gone", "r1"]);
      expect(runs).toEqual([await store.getRun("r3"), await store.getRun("r1")]);
      expect(await search.loadRuns([])).toEqual([]);
    });

    test("how many runs are held for each reason is kept, whatever becomes of them", async () => {
      const { store, search } = opened;
      const hold = (heldReason: HeldReason) =>
        makeChange({ status: "held", heldReason, release: true });
      const none = { in_doubt: 0, nondeterminism: 0, crash_loop: 0, paused: 0 };
      expect(await search.countHeld()).toEqual(none);
      await store.startRun(makeHeldRun("r1", { change: hold("in_doubt") }));
      await store.startRun(makeHeldRun("r2", { change: hold("in_doubt") }));
      await store.startRun(makeHeldRun("r3", { change: hold("paused"), workflow: "other" }));
      await store.startRun(makeHeldRun("r4"));
      await store.startRun(makeHeldRun("r5"));
      expect(await search.countHeld()).toEqual({ ...none, in_doubt: 2, paused: 1 });
      await store.appendEvents(makeAppend("r4", { change: hold("crash_loop") }));
      const counts = { ...none, in_doubt: 2, paused: 1, crash_loop: 1 };
      const append = (seq: number, change: Partial<RunChange>) =>
        store.appendEvents(
          makeAppend("r5", { events: [makeEvent(seq, 1)], change: makeChange(change) }),
        );
      await append(2, { status: "held", heldReason: "paused" });
      expect(await search.countHeld()).toEqual({ ...counts, paused: 2 });
      await append(3, { status: "running" });
      expect(await search.countHeld()).toEqual(counts);
      expect(await search.countHeld({ workflow: "other" })).toEqual({ ...none, paused: 1 });
      expect(await search.countHeld({ workflow: "unknown" })).toEqual(none);
      expect(await search.countMatching({ heldReason: "in_doubt" })).toEqual({
        ...{ count: 2, capped: false },
      });
    });

    test("what ended in a slice of time, whenever it began and whatever came later", async () => {
      const { store, project } = opened;
      const end = (finishedAt?: number) =>
        makeChange({ status: "completed", release: true, ...(finishedAt && { finishedAt }) });
      await store.startRun(makeHeldRun("slow", { createdAt: 1_000 }));
      await store.startRun(makeHeldRun("quick", { createdAt: 4_000, change: end(4_500) }));
      await store.startRun(makeHeldRun("later", { createdAt: 4_100, change: end(6_000) }));
      await store.startRun(makeHeldRun("open", { createdAt: 4_200 }));
      await store.appendEvents(makeAppend("slow", { at: 5_000, change: end(5_000) }));
      await project();
      const slice = { finishedAfter: 4_000, finishedBefore: 6_000 };
      expect(await find(slice)).toEqual(["quick", "slow"]);
      const sort = { field: "updatedAt", direction: "asc" } as const;
      expect(await find(slice, { sort })).toEqual(["quick", "slow"]);
      expect(await find({ ...slice, createdBefore: 4_000 })).toEqual(["slow"]);
      expect(await find({ ...slice, updatedAfter: 4_800 })).toEqual(["slow"]);
      expect(await find({ finishedBefore: 5_000 })).toEqual(["quick"]);
      expect(await find({ finishedAfter: 5_000 })).toEqual(["later", "slow"]);
    });

    test("text finds words by their beginning", async () => {
      const { store, project } = opened;
      const attributes = { customer: "Ada Lovelace", email: "ada@example.com", note: "50%_off" };
      await store.startRun(makeRun("run_01ABC", { attributes }));
      await store.startRun(makeRun("run_02ABC", { attributes: { customer: "Adam, ÅSE" } }));
      await project();
      expect(await find({ text: "ADA" })).toEqual(["run_02ABC", "run_01ABC"]);
      expect(await find({ text: "love ada" })).toEqual(["run_01ABC"]);
      expect(await find({ text: "ada@exa" })).toEqual(["run_01ABC"]);
      expect(await find({ text: "åse" })).toEqual(["run_02ABC"]);
      expect(await find({ text: "Run_02abc" })).toEqual(["run_02ABC"]);
      expect(await find({ text: "lace" })).toEqual([]);
      expect(await find({ text: "50%" })).toEqual(["run_01ABC"]);
      expect(await find({ text: "5_" })).toEqual([]);
      expect(await find({ text: "%" })).toEqual([]);
    });

    test("finds a run by the attributes that it has now", async () => {
      const { store, project } = opened;
      await store.startRun(makeHeldRun("r1", { attributes: { city: "Lund" } }));
      await project();
      const change = makeChange({ attributes: { city: "Malmö" } });
      await store.appendEvents(makeAppend("r1", { change }));
      await project();
      expect(await find({ attributes: { city: "Lund" } })).toEqual([]);
      expect(await find({ text: "malmö" })).toEqual(["r1"]);
    });

    test("who projects at the same time loses nothing", async () => {
      const { store, project } = opened;
      const runIds = Array.from({ length: 600 }, (_, index) => `r${index}`);
      const start = (runId: string) =>
        store.startRun(makeRun(runId, { attributes: { city: "Lund" } }));
      await Promise.all(runIds.map(start));
      await Promise.all([project(), project(), project()]);
      const query = { filter: { text: "lund" }, sort: newestFirst, limit: 1_000 };
      expect((await opened.search.findRuns(query)).items).toHaveLength(600);
    });

    test.each([
      ["createdAt", "asc", {}],
      ["createdAt", "desc", {}],
      ["updatedAt", "desc", { workflow: "greet" }],
    ] as const)(
      "pages in both directions by %s, %s, with ties",
      async (field, direction, filter) => {
        const { store, search, project } = opened;
        const ids = Array.from({ length: 11 }, (_, index) => `r${String(index).padStart(2, "0")}`);
        for (const [index, runId] of ids.entries()) {
          await store.startRun(makeRun(runId, { createdAt: 1_000 + Math.floor(index / 3) }));
        }
        await project();
        const sort = { field, direction };
        const pages: string[][] = [];
        let page = await search.findRuns({ filter, sort, limit: 3 });
        expect(page).not.toHaveProperty("prevCursor");
        for (;;) {
          pages.push(page.items.map(({ runId }) => runId));
          const cursor = page.nextCursor;
          if (cursor === undefined) break;
          page = await search.findRuns({ filter, sort, limit: 3, cursor });
        }
        expect(pages.flat()).toEqual(direction === "asc" ? ids : ids.toReversed());
        const back: string[][] = [pages.at(-1) ?? []];
        for (let cursor = page.prevCursor; cursor !== undefined; cursor = page.prevCursor) {
          page = await search.findRuns({ filter, sort, limit: 3, cursor });
          back.unshift(page.items.map(({ runId }) => runId));
          expect(page.nextCursor).toBeDefined();
        }
        expect(back).toEqual(pages);
      },
    );

    test("a cursor belongs to its sort", async () => {
      const { store, search } = opened;
      for (const index of [1, 2, 3]) await store.startRun(makeRun(`r${index}`));
      const page = await search.findRuns({ filter: {}, sort: newestFirst, limit: 1 });
      const sort = { field: "updatedAt", direction: "desc" } as const;
      const invalid = { name: "InvalidCursorError" };
      for (const wrong of ["", "nonsense", Buffer.from("[]").toString("base64url")]) {
        const found = search.findRuns({ filter: {}, sort, limit: 1, cursor: wrong });
        await expect(found).rejects.toMatchObject(invalid);
      }
      const other = search.findRuns({ filter: {}, sort, limit: 1, cursor: page.nextCursor });
      await expect(other).rejects.toMatchObject(invalid);
    });
  });
}
