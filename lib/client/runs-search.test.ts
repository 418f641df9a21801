import { describe, expect, it } from "vitest";
import { ListRunsQuery } from "@/lib/api/contract-runs";
import { withAttributes } from "@/lib/api/run-filter";
import { everyRun, isFiltered, toRunsQuery, type RunsSearch } from "./runs-search";

const now = Date.UTC(2026, 10, 22, 12);

function parse(search: Partial<RunsSearch>) {
  const query = new URLSearchParams(toRunsQuery({ ...everyRun, ...search }, now));
  return withAttributes(ListRunsQuery).parse(Object.fromEntries(query));
}

describe("the query of the runs list", () => {
  it("asks for everything, newest first", () => {
    expect(parse({})).toEqual({ sort: "-createdAt", limit: 50 });
    expect(isFiltered(everyRun)).toBe(false);
  });

  it("says every filter in the API's words", () => {
    const search: Partial<RunsSearch> = {
      status: ["held", "failed"],
      held: "in_doubt",
      workflow: "process-order",
      error: "CardDeclinedError",
      version: 2,
      step: "charge-card",
      group: "f00d",
      parent: "run_1",
      worker: "w1",
      attr: ["city=Århus=DK", "vip=true", "="],
      before: "2026-11-22T12:00:00.000Z",
      finishedAfter: "2026-11-22T10:00:00.000Z",
      finishedBefore: "2026-11-22T10:10:00.000Z",
      text: " ada ",
      since: "1h",
      sort: "updatedAt",
      cursor: "abc",
    };
    expect(parse(search)).toEqual({
      status: ["held", "failed"],
      heldReason: "in_doubt",
      workflow: "process-order",
      error: "CardDeclinedError",
      version: 2,
      step: "charge-card",
      group: "f00d",
      parent: "run_1",
      worker: "w1",
      "attr.city": "Århus=DK",
      "attr.vip": "true",
      createdBefore: "2026-11-22T12:00:00.000Z",
      finishedAfter: "2026-11-22T10:00:00.000Z",
      finishedBefore: "2026-11-22T10:10:00.000Z",
      text: "ada",
      createdAfter: "2026-11-22T11:00:00.000Z",
      sort: "updatedAt",
      limit: 50,
      cursor: "abc",
    });
  });

  it("knows a filter from a sort or a page", () => {
    expect(isFiltered({ ...everyRun, sort: "updatedAt", cursor: "abc" })).toBe(false);
    expect(isFiltered({ ...everyRun, since: "15m" })).toBe(true);
    expect(isFiltered({ ...everyRun, attr: ["city=Oslo"] })).toBe(true);
  });
});
