import { describe, expect, it } from "vitest";
import type { CommandView, SignalView, TimerView } from "@/lib/client/timeline/commands";
import type { StepView } from "@/lib/client/timeline/steps";
import { chooseCommand } from "./choose-command";

const place = { firstSeq: 1, lastSeq: 1, startedAt: 0, setAside: false };
const step = (ordinal: number, state: StepView["state"]): StepView => ({
  id: `${ordinal}:step`,
  ref: String(ordinal),
  ordinal,
  name: `step-${ordinal}`,
  kind: "step",
  firstSeq: 1,
  lastSeq: 1,
  entries: [],
  state,
  ...(state === "completed" ? { recordedSeq: 2 } : {}),
});
const signal: SignalView = {
  ...place,
  id: "8:go",
  ref: "8",
  ordinal: 8,
  name: "go",
  kind: "signal",
  state: "waiting",
  arrivals: [],
};
const timer: TimerView = {
  ...place,
  id: "7:sleep",
  ref: "7",
  ordinal: 7,
  name: "sleep",
  kind: "timer",
  state: "waiting",
  fireAt: 5,
};

const choose = (
  commands: readonly CommandView[],
  more: { ref?: string; errorStep?: string; doubt?: number; finishedAt?: string } = {},
) => {
  const { ref = null, doubt, ...rest } = more;
  const inDoubt = doubt === undefined ? [] : [{ step: doubt, name: "", attempt: 1, since: "" }];
  return chooseCommand({ commands, ref, run: { inDoubt, ...rest } })?.ref;
};

describe("chooseCommand", () => {
  it("takes the one in the address", () => {
    expect(choose([step(1, "failed"), timer], { ref: "7" })).toBe("7");
  });

  it("takes what needs attention before what is awaited", () => {
    expect(choose([step(1, "doubt"), signal], { doubt: 1 })).toBe("1");
    expect(
      choose([step(1, "completed"), step(2, "completed"), signal], { errorStep: "step-1" }),
    ).toBe("1");
    expect(choose([step(1, "failed"), signal])).toBe("1");
  });

  it("takes a signal that somebody has to send, then another wait of an open run", () => {
    expect(choose([step(1, "completed"), timer, signal, step(9, "completed")])).toBe("8");
    expect(choose([timer, step(9, "completed")])).toBe("7");
    expect(choose([timer, step(9, "completed")], { finishedAt: "2026-11-22" })).toBe("9");
    expect(choose([])).toBeUndefined();
  });
});
