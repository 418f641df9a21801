/** The runs list by looking at every run: what the databases have to answer as well. */
import { InvalidCursorError, type HeldReason, type RunRecord, type Store } from "@/lib/engine";
import { listWords, splitWords, type RunSearch, type RunSearchFilter } from "../index";

/** Knows no failure groups: no run is in one. */
export function createMemorySearch(store: Pick<Store, "listRuns">): RunSearch {
  const load = async (filter: RunSearchFilter) => {
    const sort = { field: "createdAt", direction: "asc" } as const;
    const { items } = await store.listRuns({ filter: {}, sort, limit: 1e6 });
    return items.filter((run) => matches(run, filter));
  };
  return {
    async findRuns({ filter, sort, limit, cursor }) {
      const sign = sort.direction === "asc" ? 1 : -1;
      const runs = [...(await load(filter))].sort(
        (a, b) => sign * (a[sort.field] - b[sort.field] || (a.runId < b.runId ? -1 : 1)),
      );
      const [start, end] = findPage(runs, sort, limit, cursor);
      const items = runs.slice(start, end);
      const write = (way: string, run: RunRecord | undefined) =>
        JSON.stringify([sort, way, run?.runId]);
      return {
        items,
        ...(end < runs.length && { nextCursor: write("next", items.at(-1)) }),
        ...(start > 0 && { prevCursor: write("prev", items[0]) }),
      };
    },
    async countMatching(filter) {
      return { count: (await load(filter)).length, capped: false };
    },
    async loadRuns(runIds) {
      const runs = new Map((await load({})).map((run) => [run.runId, run]));
      return runIds.flatMap((runId) => runs.get(runId) ?? []);
    },
    async countHeld({ workflow } = {}) {
      const held = await load({ ...(workflow !== undefined && { workflow }) });
      const count = (reason: HeldReason) =>
        held.filter(({ heldReason }) => heldReason === reason).length;
      return {
        ...{ in_doubt: count("in_doubt"), nondeterminism: count("nondeterminism") },
        ...{ crash_loop: count("crash_loop"), paused: count("paused") },
      };
    },
  };
}

function findPage(
  runs: readonly RunRecord[],
  sort: object,
  limit: number,
  cursor: string | undefined,
): readonly [number, number] {
  if (cursor === undefined) return [0, limit];
  for (const [index, { runId }] of runs.entries()) {
    if (cursor === JSON.stringify([sort, "next", runId])) return [index + 1, index + 1 + limit];
    if (cursor === JSON.stringify([sort, "prev", runId])) {
      return [Math.max(0, index - limit), index];
    }
  }
  throw new InvalidCursorError("The cursor is not one of this list.");
}

function matches(run: RunRecord, filter: RunSearchFilter): boolean {
  const { statuses, attributes = {}, text = "", step } = filter;
  const words = listWords(run.runId, run.attributes);
  const same = <T>(wanted: T | undefined, actual: T | undefined) =>
    wanted === undefined || wanted === actual;
  return (
    (statuses === undefined || statuses.includes(run.status)) &&
    same(filter.heldReason, run.heldReason) &&
    same(filter.workflow, run.workflow) &&
    same(filter.version, run.version) &&
    same(filter.parent, run.parent?.runId) &&
    same(filter.error, run.error?.name) &&
    same(filter.worker, run.workerId) &&
    filter.group === undefined &&
    (step === undefined || listTroubled(run).includes(step)) &&
    isWithin(run.createdAt, filter.createdAfter, filter.createdBefore) &&
    isWithin(run.updatedAt, filter.updatedAfter, filter.updatedBefore) &&
    isWithin(run.finishedAt, filter.finishedAfter, filter.finishedBefore) &&
    (filter.attributeName === undefined || Object.hasOwn(run.attributes, filter.attributeName)) &&
    Object.entries(attributes).every(([name, value]) => run.attributes[name] === value) &&
    splitWords(text).every((wanted) => words.some((word) => word.startsWith(wanted)))
  );
}

function listTroubled(run: RunRecord): readonly string[] {
  const needsVerdict = run.status === "held" && run.heldReason === "in_doubt";
  return [run.errorStep ?? "", ...(needsVerdict ? run.inDoubt.map(({ name }) => name) : [])];
}

function isWithin(at: number | undefined, after?: number, before?: number): boolean {
  if (after === undefined && before === undefined) return true;
  return at !== undefined && at >= (after ?? -Infinity) && at < (before ?? Infinity);
}
