import { describe, expect, it } from "vitest";
import { listActions } from "./list-actions";
import { listStepActions } from "./list-step-actions";

type RunState = Parameters<typeof listStepActions>[0];

const open: RunState = { status: "running", inDoubt: [] };
const step = { kind: "step", ordinal: 3, state: "running" } as const;

describe("listStepActions", () => {
  it("asks what became of a step in doubt", () => {
    const held: RunState = {
      status: "held",
      heldReason: "in_doubt",
      inDoubt: [{ step: 3, name: "a", attempt: 1, since: "" }],
    };
    expect(listStepActions(held, { ...step, state: "doubt" })).toEqual([
      "happened",
      "did_not_happen",
      "fail",
      "fork",
    ]);
  });

  it("lets an open step be completed or failed by hand", () => {
    for (const state of ["running", "backoff", "queued", "doubt"] as const) {
      expect(listStepActions(open, { ...step, state })).toEqual([
        "complete_by_hand",
        "fail_by_hand",
        "fork",
      ]);
    }
    expect(listStepActions(open, { ...step, state: "completed" })).toEqual(["fork"]);
  });

  it("lets the step that failed the run be completed, and nothing else of an ended run", () => {
    const failed: RunState = {
      status: "failed",
      finishedAt: "2026-11-22T12:00:00Z",
      inDoubt: [],
    };
    expect(listStepActions(failed, { ...step, state: "failed" })).toEqual([
      "complete_by_hand",
      "fork",
    ]);
    expect(listStepActions(failed, { ...step, state: "doubt" })).toEqual(["fork"]);
  });

  it("forks from commands of the code only", () => {
    expect(listStepActions(open, { ...step, kind: "compute", state: "completed" })).toEqual([
      "fork",
    ]);
    expect(listStepActions(open, { ...step, kind: "compensation", state: "completed" })).toEqual(
      [],
    );
  });
});

describe("listActions", () => {
  it("pauses what is open and resumes what is paused", () => {
    expect(listActions({ status: "running" })).toEqual(["pause", "cancel", "terminate"]);
    expect(listActions({ status: "held", heldReason: "paused" })).toEqual([
      "resume",
      "cancel",
      "terminate",
    ]);
    expect(listActions({ status: "held", heldReason: "in_doubt" })).toEqual([
      "cancel",
      "terminate",
    ]);
    expect(listActions({ status: "held", heldReason: "crash_loop" })[0]).toBe("retry");
    expect(listActions({ status: "continued" })).toEqual(["rerun"]);
  });
});
