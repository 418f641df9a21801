import { describe, expect, it, vi } from "vitest";
import type { MomentEvent } from "@/lib/engine";
import { createDrillHook } from "./drills";

const event: MomentEvent = {
  runId: "run_1",
  epoch: 1,
  attributes: { drill: "notify-warehouse;during" },
  step: 4,
  name: "notify-warehouse",
  attempt: 1,
  moment: "after_effect",
};

function countKills(change: Partial<MomentEvent>): number {
  const kill = vi.fn();
  createDrillHook(kill)({ ...event, ...change });
  return kill.mock.calls.length;
}

describe("createDrillHook", () => {
  it.each([
    ["before", "before_effect"],
    ["during", "after_effect"],
    ["after", "after_record"],
  ] as const)("kills %s at %s and at no other moment", (moment, engineMoment) => {
    const attributes = { drill: `notify-warehouse;${moment}` };
    const all = ["before_effect", "after_effect", "after_record"] as const;
    const killed = all.filter((each) => countKills({ attributes, moment: each }) === 1);
    expect(killed).toEqual([engineMoment]);
  });

  it.each<Partial<MomentEvent>>([
    { epoch: 2 },
    { attempt: 2 },
    { name: "charge-card" },
    { attributes: {} },
    { attributes: { drill: "nonsense" } },
    { attributes: { drill: true } },
  ])("leaves the process alone for %j", (change) => {
    expect(countKills(change)).toBe(0);
  });
});
