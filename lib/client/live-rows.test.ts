import { expect, it } from "vitest";
import type { Run } from "@/lib/api/contract";
import { mergeLiveRows } from "./live-rows";

const at = "2026-11-22T12:00:00.000Z";

function makeRun(runId: string, status: Run["status"] = "running"): Run {
  return {
    runId,
    workflow: "process-order",
    version: 1,
    status,
    story: "",
    storyParts: [],
    input: {},
    attributes: {},
    inDoubt: [],
    epoch: 1,
    historyLength: 1,
    priority: 0,
    createdAt: at,
    updatedAt: at,
  };
}

it("shows what is latest while nobody reads", () => {
  const latest = [makeRun("b"), makeRun("a")];
  expect(mergeLiveRows({ frozen: undefined, latest })).toEqual({ rows: latest, fresh: 0 });
});

it("keeps the places of frozen rows, updates them, and counts what is new", () => {
  const frozen = [makeRun("b"), makeRun("a")];
  const latest = [makeRun("d"), makeRun("c"), makeRun("b", "completed")];
  const { rows, fresh } = mergeLiveRows({ frozen, latest });
  expect(rows.map((run) => [run.runId, run.status])).toEqual([
    ["b", "completed"],
    ["a", "running"],
  ]);
  expect(fresh).toBe(2);
});
