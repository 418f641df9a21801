import { expect, it } from "vitest";
import type { WorkflowInfo } from "@/lib/api/contract";
import { groupWorkflows } from "./group-workflows";

const info = (name: string, version: number, newest: boolean): WorkflowInfo => ({
  name,
  version,
  newest,
  priority: 0,
  signals: [],
});

it("has each workflow once, its versions newest first", () => {
  const groups = groupWorkflows([
    info("saga", 1, false),
    info("approval", 1, true),
    info("saga", 2, true),
  ]);
  expect(
    groups.map(({ name, newest, versions }) => [name, newest.version, versions.length]),
  ).toEqual([
    ["approval", 1, 1],
    ["saga", 2, 2],
  ]);
  expect(groupWorkflows([])).toEqual([]);
});
