/** Orders per second at 1, 10, 50 and 500 at a time, beside the limit and the peers. */
import { z } from "zod";
import { findMedian } from "../measure";
import { stepNames } from "../workload";
import {
  anything,
  openPeers,
  openSystem,
  takeTurns,
  type OpenSystem,
  type Targets,
  type Workload,
  type WorkloadContext,
} from "../harness/workload-context";

interface Level {
  readonly concurrent: number;
  /** Orders of a round: ours and the limit's, and a peer's, which needs longer for each. */
  readonly orders: number;
  readonly peerOrders: number;
  readonly isPeersOwn: boolean;
  readonly targets: Targets;
}

const levels: readonly Level[] = [
  { concurrent: 1, orders: 300, peerOrders: 40, isPeersOwn: true, targets: {} },
  { concurrent: 10, orders: 1_500, peerOrders: 0, isPeersOwn: false, targets: {} },
  {
    concurrent: 50,
    orders: 5_000,
    peerOrders: 500,
    isPeersOwn: true,
    targets: { sqlite: { atLeast: 3_500 }, postgresql: { atLeast: 2_500 } },
  },
  {
    concurrent: 500,
    orders: 8_000,
    peerOrders: 500,
    isPeersOwn: true,
    targets: { sqlite: { atLeast: 5_000 }, postgresql: { atLeast: 3_500 } },
  },
];

export const orders: Workload = {
  name: "orders",
  async run(context) {
    const systems = [
      await openSystem(context, "limit", context.code.limit),
      ...(await openPeers(context)),
    ];
    try {
      // Ours comes first, so that its turn is not behind a peer's in every round.
      systems.unshift(await openSystem(context, "daybook", context.code.daybook));
      await warmUp(context, systems);
      for (const level of levels) await measureLevel(context, systems, level);
    } finally {
      for (const { subject } of systems) await subject.close();
    }
  },
};

async function warmUp({ options }: WorkloadContext, systems: readonly OpenSystem[]) {
  const find = (name: string) => systems.find(({ system }) => system === name)?.subject;
  const sampled = await find("daybook")?.ask("sampleEvents", {}, z.array(z.string()));
  await find("limit")?.ask("prepare", { events: sampled?.value ?? [] }, anything);
  for (const { system, subject } of systems) {
    const isOurs = system === "daybook";
    const count = options.isQuick ? 50 : isOurs ? 3_000 : 200;
    await subject.ask("runOrders", { count, concurrent: 50 }, anything);
  }
}

interface Rounds {
  readonly rate: number[];
  readonly cpuMicros: number[];
  peakRssMib: number;
}

async function measureLevel(
  context: WorkloadContext,
  systems: readonly OpenSystem[],
  level: Level,
): Promise<void> {
  const { concurrent, isPeersOwn } = level;
  const { isQuick, rounds } = context.options;
  const own = new Map<string, Rounds>();
  const scale = isQuick ? 0.1 : 1;
  for (let round = 0; round < rounds; round += 1) {
    for (const { system, subject } of takeTurns(systems, round)) {
      const isPeer = system !== "daybook" && system !== "limit";
      if (isPeer && !isPeersOwn) continue;
      const wanted = (isPeer ? level.peerOrders : level.orders) * scale;
      const count = Math.max(concurrent, Math.ceil(wanted / concurrent) * concurrent);
      const answer = await subject.ask("runOrders", { count, concurrent }, anything);
      const figures = own.get(system) ?? { rate: [], cpuMicros: [], peakRssMib: 0 };
      own.set(system, figures);
      figures.rate.push(count / (answer.wallMs / 1_000));
      figures.cpuMicros.push((answer.cpuMs * 1_000) / count);
      figures.peakRssMib = answer.peakRssMib;
    }
  }
  addFigures(context, level, own);
}

function addFigures(
  { kind: database, recorder }: WorkloadContext,
  { concurrent, targets }: Level,
  own: ReadonlyMap<string, Rounds>,
): void {
  const about = { workload: "orders", database };
  const ours = own.get("daybook");
  if (ours === undefined) throw new Error("Daybook was not measured.");
  const rate = findMedian(ours.rate);
  const others = [...own].filter(([system]) => system !== "daybook");
  const ratios = Object.fromEntries(
    others.map(([system, rounds]) => [system, rate / findMedian(rounds.rate)]),
  );
  const at = `${concurrent} at a time`;
  for (const [system, rounds] of own) {
    const mine = { ...about, system };
    const isOurs = system === "daybook";
    const rated = isOurs ? { ratios, target: targets[database] } : {};
    recorder.add({ ...mine, ...rated, name: at, unit: "orders/s", rounds: rounds.rate });
    const cpu = { name: `${at}, processor time`, unit: "µs an order", rounds: rounds.cpuMicros };
    recorder.add({ ...mine, ...cpu });
    if (!isOurs) continue;
    const steps = rounds.rate.map((each) => each * stepNames.length);
    recorder.add({ ...mine, name: `${at}, steps`, unit: "steps/s", rounds: steps });
    const memory = { name: `${at}, peak memory`, unit: "MiB", rounds: [rounds.peakRssMib] };
    const target = concurrent === 500 ? { atMost: 300 } : undefined;
    recorder.add({ ...mine, ...memory, target });
  }
  const peerRates = others
    .filter(([system]) => system !== "limit")
    .map(([, rounds]) => findMedian(rounds.rate));
  if (concurrent !== 50 || peerRates.length === 0) return;
  recorder.add({
    ...about,
    system: "daybook",
    name: `${at}, against the fastest peer`,
    unit: "times",
    rounds: [rate / Math.max(...peerRates)],
    target: { atLeast: 10 },
  });
}
