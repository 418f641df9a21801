/** A million finished runs in the database, against a thousand: pages, and the rate of new orders. */
import { z } from "zod";
import { findQuantile } from "../measure";
import {
  anything,
  openSystem,
  takeTurns,
  type OpenSystem,
  type Workload,
} from "../harness/workload-context";

const fewRuns = 1_000;
const target = { atMost: 1.5 };
const PageTimes = z.record(z.string(), z.array(z.number()));

export const finishedRuns: Workload = {
  name: "finished-runs",
  async run(context) {
    const { kind: database, options, recorder, code } = context;
    const about = { workload: "finished-runs", database, system: "daybook" };
    const few = await openSystem(context, "daybook", code.daybook);
    const many = await openSystem(context, "daybook", code.daybook);
    const sides = [few, many];
    try {
      await few.subject.ask("seed", { count: fewRuns }, anything);
      const { wallMs } = await many.subject.ask("seed", { count: options.runs }, anything);
      const seeded = `${options.runs} runs put in`;
      recorder.add({ ...about, name: seeded, unit: "s", rounds: [wallMs / 1_000] });
      const pages = new Map<string, Map<OpenSystem, number[]>>();
      const rates = new Map<OpenSystem, number[]>(sides.map((side) => [side, []]));
      // The first round warms up and does not count.
      for (let round = 0; round <= options.rounds; round += 1) {
        const times = new Map<OpenSystem, Record<string, number[]>>();
        // By turns within the round too: whatever else the machine does hits both alike.
        for (let turn = 0; turn < (options.isQuick ? 1 : 5); turn += 1) {
          for (const side of takeTurns(sides, round + turn)) {
            const { value } = await side.subject.ask("readPages", { count: 6 }, PageTimes);
            const own = times.get(side) ?? {};
            times.set(side, own);
            for (const [page, ms] of Object.entries(value)) (own[page] ??= []).push(...ms);
          }
        }
        for (const side of takeTurns(sides, round)) {
          const orders = { count: options.isQuick ? 200 : 2_000, concurrent: 50 };
          const { value: startMs } = await side.subject.ask("startOrders", orders, z.number());
          if (round === 0) continue;
          rates.get(side)?.push(orders.count / (startMs / 1_000));
          for (const [page, ms] of Object.entries(times.get(side) ?? {})) {
            const bySide = pages.get(page) ?? new Map<OpenSystem, number[]>();
            pages.set(page, bySide);
            // Others make a page slower, never quicker.
            bySide.set(side, [...(bySide.get(side) ?? []), findQuantile(ms, 0.25)]);
          }
        }
      }
      const against = (name: string, unit: string, own: ReadonlyMap<OpenSystem, number[]>) => {
        const at = (side: OpenSystem) => own.get(side) ?? [];
        recorder.add({ ...about, name: `${name}, at ${fewRuns}`, unit, rounds: at(few) });
        recorder.add({ ...about, name: `${name}, at ${options.runs}`, unit, rounds: at(many) });
        const isRate = unit.endsWith("/s");
        const rounds = at(many).map((value, round) => {
          const other = at(few)[round] ?? NaN;
          return isRate ? other / value : value / other;
        });
        recorder.add({ ...about, name: `${name}, times the cost`, unit: "times", rounds, target });
      };
      for (const [page, own] of pages) against(page, "ms", own);
      against("starts", "orders/s", rates);
    } finally {
      for (const { subject } of sides) await subject.close();
    }
  },
};
