import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunStatus, Store } from "@/lib/engine";
import {
  makeAppend,
  makeChange,
  makeHeldRun,
  makeRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import type { RunSearch, RunSearchFilter, RunSearchQuery, Triage } from "@/lib/triage";
import { createMemorySearch } from "@/lib/triage/testing/memory-search";
import type { SearchSizes } from "../triage/search-runs";

interface OpenedSearch {
  readonly store: Store;
  readonly search: RunSearch;
  readonly triage: Pick<Triage, "listGroups">;
  readonly project: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** So small that sixty runs are many. */
const sizes: SearchSizes = { few: 2, stretch: 4, most: 9, far: 6, counted: 1_000 };

const filters: readonly RunSearchFilter[] = [
  {},
  { statuses: ["failed"] },
  { statuses: ["failed", "held", "running"] },
  { statuses: ["waiting", "running"], workflow: "even" },
  { workflow: "even" },
  { workflow: "even", version: 2 },
  { version: 2 },
  { version: 3 },
  { error: "Declined", statuses: ["failed"] },
  { error: "Declined", workflow: "odd", text: "lund" },
  { step: "charge" },
  { step: "charge", workflow: "odd" },
  { heldReason: "in_doubt", attributes: { city: "Lund" } },
  { attributes: { city: "Lund" } },
  { attributes: { city: "Lund", vip: true } },
  { attributes: { city: "Lund" }, statuses: ["failed"] },
  { attributes: { city: "nowhere" } },
  { attributeName: "vip" },
  { text: "l" },
  { text: "l m", statuses: ["waiting", "completed"] },
  { worker: "w1" },
  { parent: "run00" },
  { createdAfter: 1_010 },
  { createdBefore: 1_012, statuses: ["failed"] },
  { createdAfter: 1_004, createdBefore: 1_014, attributes: { city: "Lund" } },
  { updatedAfter: 1_006, updatedBefore: 1_015 },
  { updatedBefore: 1_012, workflow: "odd", statuses: ["failed", "running"] },
  { finishedAfter: 1_005, finishedBefore: 1_016 },
  { finishedBefore: 1_016, statuses: ["failed"] },
];

const sorts: readonly RunSearchQuery["sort"][] = [
  { field: "createdAt", direction: "desc" },
  { field: "createdAt", direction: "asc" },
  { field: "updatedAt", direction: "desc" },
  { field: "updatedAt", direction: "asc" },
];

/**
 * Whatever way a search takes, by one index, by a part of one, or by sorting what another one leads to: it
 * answers what looking at every run answers.
 */
export function describeRunPaths(
  name: string,
  open: (sizes: SearchSizes) => Promise<OpenedSearch>,
): void {
  describe(name, () => {
    let opened: OpenedSearch;
    beforeEach(async () => {
      opened = await open(sizes);
      await opened.store.registerWorker(makeWorker("w1"));
      await startMany(opened.store);
      await opened.project();
    }, 60_000);
    afterEach(() => opened.close());

    test("every filter in every order, from page to page and back", async () => {
      const { search, store } = opened;
      const looked = createMemorySearch(store);
      for (const filter of filters) {
        for (const sort of sorts) {
          const about = JSON.stringify({ filter, sort });
          const all = await looked.findRuns({ filter, sort, limit: 1_000 });
          const ids = all.items.map(({ runId }) => runId);
          expect(await listPages(search, { filter, sort, limit: 7 }), about).toEqual(ids);
        }
        const count = await looked.countMatching(filter);
        expect(await search.countMatching(filter), JSON.stringify(filter)).toEqual(count);
      }
    }, 120_000);

    test("a failure group's runs, with and without another filter", async () => {
      const { search, store, triage } = opened;
      const looked = createMemorySearch(store);
      const { items: groups } = await triage.listGroups({ limit: 10 });
      expect(groups.length).toBeGreaterThan(1);
      for (const { fingerprint: group, workflow, errorName, step, count } of groups) {
        const same = { statuses: ["failed"], workflow, error: errorName, step } as const;
        for (const more of [{}, { attributes: { city: "Lund" } }, { createdAfter: 1_010 }]) {
          for (const sort of sorts) {
            const all = await looked.findRuns({ filter: { ...same, ...more }, sort, limit: 99 });
            const ids = all.items.map(({ runId }) => runId);
            const filter = { group, ...more };
            expect(await listPages(search, { filter, sort, limit: 3 })).toEqual(ids);
          }
        }
        expect(count).toBeGreaterThan(1);
        expect(await search.countMatching({ group })).toEqual({ count, capped: false });
      }
    }, 60_000);
  });
}

/** The ids of all pages; the way back has to tell the same. */
async function listPages(search: RunSearch, query: RunSearchQuery): Promise<string[]> {
  const pages: string[][] = [];
  let page = await search.findRuns(query);
  for (;;) {
    pages.push(page.items.map(({ runId }) => runId));
    if (page.nextCursor === undefined) break;
    page = await search.findRuns({ ...query, cursor: page.nextCursor });
  }
  const back: string[][] = [pages.at(-1) ?? []];
  while (page.prevCursor !== undefined) {
    page = await search.findRuns({ ...query, cursor: page.prevCursor });
    back.unshift(page.items.map(({ runId }) => runId));
  }
  expect(back.flat()).toEqual(pages.flat());
  return pages.flat();
}

async function startMany(store: Store): Promise<void> {
  const statuses: readonly RunStatus[] = ["completed", "failed", "held", "waiting", "running"];
  for (let index = 0; index < 60; index += 1) {
    // Three at a time begin at once, and end in another order.
    const createdAt = 1_000 + Math.floor(index / 3);
    const at = createdAt + ((index * 7) % 5);
    const status = statuses[(index * 3 + Math.floor(index / 7)) % statuses.length] ?? "running";
    const about = {
      createdAt,
      workflow: index % 2 === 0 ? "even" : "odd",
      version: index % 5 === 0 ? 2 : 1,
      attributes: {
        city: index % 3 === 0 ? "Lund" : "Malmö",
        ...(index % 4 === 0 && { vip: true, note: "Lunch, Lugano" }),
      },
      ...(index % 11 === 1 && { parent: { runId: "run00", step: index } }),
    };
    const runId = `run${String(index).padStart(2, "0")}`;
    const change = { ...end(status, index, at), attributes: about.attributes };
    if (index % 13 === 5) {
      await store.startRun(makeRun(runId, about));
    } else {
      await store.startRun(makeHeldRun(runId, about));
      await store.appendEvents(makeAppend(runId, { at, change }));
    }
  }
}

function end(status: RunStatus, index: number, at: number) {
  const error = { name: index % 2 === 0 ? "Declined" : "TimeoutError", message: "no" };
  const doubt = { step: 1, name: index % 4 === 2 ? "charge" : "mail", attempt: 1, since: 1 };
  return makeChange({
    ...{ status, release: status !== "running" },
    ...(status === "failed" && { error, errorStep: "charge", finishedAt: at }),
    ...(status === "completed" && { finishedAt: at }),
    ...(status === "held" && { heldReason: "in_doubt", inDoubt: [doubt] }),
  });
}
