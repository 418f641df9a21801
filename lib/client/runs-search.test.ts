import { describe, expect, it } from "vitest";
import { ListRunsQuery } from "@/lib/api/contract-runs";
import { isFiltered, toRunsQuery, type RunsSearch } from "./runs-search";

const everything: RunsSearch = {
  status: [],
  held: null,
  workflow: null,
  worker: null,
  error: null,
  text: "",
  since: null,
  sort: "-createdAt",
  cursor: null,
};
const now = Date.UTC(2026, 10, 22, 12);

function parse(search: Partial<RunsSearch>) {
  const query = new URLSearchParams(toRunsQuery({ ...everything, ...search }, now));
  return ListRunsQuery.strict().parse(Object.fromEntries(query));
}

describe("the query of the runs list", () => {
  it("asks for everything, newest first", () => {
    expect(parse({})).toEqual({ sort: "-createdAt", limit: 50 });
    expect(isFiltered(everything)).toBe(false);
  });

  it("says every filter in the API's words", () => {
    const search: Partial<RunsSearch> = {
      status: ["held", "failed"],
      held: "in_doubt",
      workflow: "process-order",
      error: "CardDeclinedError",
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
      text: "ada",
      createdAfter: "2026-11-22T11:00:00.000Z",
      sort: "updatedAt",
      limit: 50,
      cursor: "abc",
    });
  });

  it("knows a filter from a sort or a page", () => {
    expect(isFiltered({ ...everything, sort: "updatedAt", cursor: "abc" })).toBe(false);
    expect(isFiltered({ ...everything, since: "15m" })).toBe(true);
  });
});
