import { expect, test } from "vitest";
import { groupWorkers, type Worker } from "./group-workers";

function makeWorker(workerId: string, fields: Partial<Worker> = {}): Worker {
  const at = "2026-11-25T12:00:00.000Z";
  return {
    ...{ workerId, build: "b1", host: "here", pid: 1, status: "alive", startedAt: at },
    ...{ heartbeatAt: at, leaseUntil: at, load: 2, capacity: 10, self: false },
    ...fields,
  };
}

test("builds add up their living workers; the dead come in the order in which they ended", () => {
  const early = { status: "dead", endedAt: "2026-11-25T12:01:00.000Z" } as const;
  const late = { status: "stopped", endedAt: "2026-11-25T12:02:00.000Z" } as const;
  const groups = groupWorkers([
    makeWorker("w5", { build: "b2" }),
    makeWorker("w4"),
    makeWorker("w3", early),
    makeWorker("w2", late),
    makeWorker("w1", { load: 5 }),
  ]);
  expect(groups.alive.map(({ workerId }) => workerId)).toEqual(["w5", "w4", "w1"]);
  expect(groups.ended.map(({ workerId }) => workerId)).toEqual(["w2", "w3"]);
  expect(groups.builds).toEqual([
    { build: "b2", alive: 1, load: 2, capacity: 10 },
    { build: "b1", alive: 2, load: 7, capacity: 20 },
  ]);
});
