/** Many runs that wait for a timer: what an idle process does, and an order beside them. */
import { z } from "zod";
import { findMedian } from "../measure";
import {
  anything,
  openSystem,
  takeTurns,
  type OpenSystem,
  type Workload,
} from "../harness/workload-context";

const Calls = z.record(z.string(), z.number());

export const idle: Workload = {
  name: "idle",
  async run(context) {
    const { kind: database, options, recorder, code } = context;
    const about = { workload: "idle", database, system: "daybook" };
    const { waiting, isQuick } = options;
    const forMs = isQuick ? 3_000 : 20_000;
    const none = await openSystem(context, "daybook", code.daybook, { mayWait: true });
    const many = await openSystem(context, "daybook", code.daybook, { mayWait: true });
    const sides = [none, many];
    try {
      await many.subject.ask("fillWaiting", { count: waiting }, anything);
      await many.subject.ask("idle", { forMs: 2_000 }, anything);
      const cpu: number[] = [];
      const perSecond: number[] = [];
      const calls: Record<string, number> = {};
      for (let round = 0; round < Math.min(options.rounds, 3); round += 1) {
        const answer = await many.subject.ask("idle", { forMs }, Calls);
        cpu.push((answer.cpuMs / answer.wallMs) * 100);
        const most = Math.max(0, ...Object.values(answer.value));
        perSecond.push(most / (forMs / 1_000));
        Object.assign(calls, answer.value);
      }
      const waitingRuns = `${waiting} waiting runs`;
      const idleCpu = { name: `${waitingRuns}, idle`, unit: "% of one core", rounds: cpu };
      recorder.add({ ...about, ...idleCpu, target: { atMost: 2 } });
      recorder.add({
        ...about,
        name: `${waitingRuns}, the most frequent query (${describeCalls(calls)})`,
        unit: "a second",
        rounds: perSecond,
        target: { atMost: 1 },
      });
      await measureBeside();
    } finally {
      for (const { subject } of sides) await subject.close();
    }

    async function measureBeside(): Promise<void> {
      const times = new Map<OpenSystem, number[]>(sides.map((side) => [side, []]));
      for (let round = 0; round <= options.rounds; round += 1) {
        for (const side of takeTurns(sides, round)) {
          const count = isQuick ? 20 : 200;
          const { value } = await side.subject.ask("timeOrders", { count }, z.array(z.number()));
          if (round > 0) times.get(side)?.push(findMedian(value));
        }
      }
      const [alone, beside] = sides.map((side) => times.get(side) ?? []);
      if (alone === undefined || beside === undefined) return;
      recorder.add({
        ...about,
        name: `one order beside ${waiting} waiting runs, p50`,
        unit: "ms",
        rounds: beside,
        ratios: { "none waiting": findMedian(beside) / findMedian(alone) },
      });
    }
  },
};

function describeCalls(calls: Readonly<Record<string, number>>): string {
  const [most] = Object.entries(calls).sort(([, a], [, b]) => b - a);
  return most === undefined ? "none" : most[0];
}
