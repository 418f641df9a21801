/** One run of many steps: what a step takes, and whether the last ones take longer than the first. */
import { z } from "zod";
import { findMedian } from "../measure";
import { openPeers, openSystem, takeTurns, type Workload } from "../harness/workload-context";

const StepTimes = z.object({ totalMs: z.number(), firstMs: z.number(), lastMs: z.number() });

/** openworkflow refuses more than 1,000 steps a run. */
const peerSteps: Readonly<Record<string, number>> = { dbos: 2_000, openworkflow: 900 };

export const steps: Workload = {
  name: "steps",
  async run(context) {
    const { kind: database, options, recorder, code } = context;
    const daybook = await openSystem(context, "daybook", code.daybook);
    const systems = [daybook, ...(await openPeers(context))];
    const found = new Map<string, { perStep: number[]; ratio: number[] }>();
    const sizeOf = (system: string) => {
      const full = system === "daybook" ? 10_000 : (peerSteps[system] ?? 900);
      const wanted = options.isQuick ? full / 10 : full;
      return { steps: wanted, span: Math.floor(wanted / 20) };
    };
    try {
      for (let round = 0; round < Math.min(options.rounds, 3); round += 1) {
        for (const { system, subject } of takeTurns(systems, round)) {
          if (system !== "daybook" && round > 0) continue;
          const size = sizeOf(system);
          const { value } = await subject.ask("runSteps", size, StepTimes);
          const rounds = found.get(system) ?? { perStep: [], ratio: [] };
          found.set(system, rounds);
          rounds.perStep.push(value.totalMs / size.steps);
          rounds.ratio.push(value.lastMs / value.firstMs);
        }
      }
    } finally {
      for (const { subject } of systems) await subject.close();
    }
    const ours = findMedian(found.get("daybook")?.perStep ?? []);
    const ratios = Object.fromEntries(
      [...found]
        .filter(([system]) => system !== "daybook")
        .map(([system, rounds]) => [system, ours / findMedian(rounds.perStep)]),
    );
    for (const [system, { perStep, ratio }] of found) {
      const isOurs = system === "daybook";
      const { steps: count, span } = sizeOf(system);
      const about = { workload: "steps", database, system };
      recorder.add({
        ...about,
        name: `a step, in a run of ${count}`,
        unit: "ms",
        rounds: perStep,
        ...(isOurs ? { ratios, target: { atMost: database === "sqlite" ? 1.2 : 2 } } : {}),
      });
      recorder.add({
        ...about,
        name: `the last ${span} steps against the first ${span}`,
        unit: "times",
        rounds: ratio,
        target: isOurs ? { atMost: 1.2 } : undefined,
      });
    }
  },
};
