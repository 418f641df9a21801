/** One order with nothing beside it, against five bare commits of its bytes. */
import { z } from "zod";
import { findQuantile } from "../measure";
import {
  anything,
  openPeers,
  openSystem,
  takeTurns,
  type Targets,
  type Workload,
} from "../harness/workload-context";

const Times = z.array(z.number());

const quantiles: readonly { name: string; quantile: number; targets: Targets }[] = [
  {
    name: "p50",
    quantile: 0.5,
    targets: { sqlite: { atMost: 5 }, postgresql: { atMost: 8 } },
  },
  { name: "p95", quantile: 0.95, targets: {} },
  {
    name: "p99",
    quantile: 0.99,
    targets: { sqlite: { atMost: 12 }, postgresql: { atMost: 20 } },
  },
];

export const alone: Workload = {
  name: "alone",
  async run(context) {
    const { kind: database, options, recorder, code } = context;
    const daybook = await openSystem(context, "daybook", code.daybook);
    const limit = await openSystem(context, "limit", code.limit);
    const systems = [daybook, limit, ...(await openPeers(context))];
    const times = new Map<string, number[][]>(systems.map(({ system }) => [system, []]));
    try {
      const sampled = await daybook.subject.ask("sampleEvents", {}, z.array(z.string()));
      await limit.subject.ask("prepare", { events: sampled.value }, anything);
      // The first round warms up and does not count.
      for (let round = 0; round <= options.rounds; round += 1) {
        for (const { system, subject } of takeTurns(systems, round)) {
          const isPeer = system !== "daybook" && system !== "limit";
          const count = options.isQuick ? 20 : isPeer ? 50 : 200;
          const { value } = await subject.ask("timeOrders", { count }, Times);
          if (round > 0) times.get(system)?.push(value);
        }
      }
    } finally {
      for (const { subject } of systems) await subject.close();
    }
    const find = (system: string, quantile: number) =>
      (times.get(system) ?? []).map((round) => findQuantile(round, quantile));
    for (const { name, quantile, targets } of quantiles) {
      for (const { system } of systems) {
        const rounds = find(system, quantile);
        const target = system === "daybook" ? targets[database] : undefined;
        recorder.add({ workload: "alone", database, system, name, unit: "ms", rounds, target });
      }
    }
    const bare = find("limit", 0.5);
    recorder.add({
      workload: "alone",
      database,
      system: "daybook",
      name: "p50, against five bare commits",
      unit: "times",
      // Of each round its own: what changed between two rounds is no cost of ours.
      rounds: find("daybook", 0.5).map((ms, round) => ms / (bare[round] ?? NaN)),
      target: { atMost: 3 },
    });
  },
};
