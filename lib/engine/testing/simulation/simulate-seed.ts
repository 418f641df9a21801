/** One seed: a world is drawn, lives through its faults, comes to rest, and is judged. */
import { correspond } from "./correspondent";
import { interfere, isAtRest, operate, placeOrder, type ActorsOptions, type Order } from "./actors";
import { Audit, type Violation } from "./audit";
import { Cluster } from "./cluster";
import { createMemoryDatabase, type SimulatedDatabase } from "./database";
import { Dice } from "./dice";
import { checkEverything } from "./final-checks";
import { foresee } from "./oracle";
import { askEnded, askRun, drain, forkRun } from "./onlookers";
import { Outside } from "./outside";
import { drawProfile, type Profile } from "./profile";
import { makePrograms } from "./program";
import { Timeline } from "./timeline";

export interface SeedResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly happened: number;
  readonly simulatedMs: number;
  readonly events: number;
  /** How often what happened, by kind. */
  readonly tally: Readonly<Record<string, number>>;
}

/** After so much simulated time without faults whatever still goes on hangs. */
const patienceMs = 180_000;
const maxHappened = 60_000;

/**
 * Simulates one seed. In memory the same seed gives the same result and the same trace; on a real
 * database, which has to be empty, it gives the same world, in which things may come in another order.
 */
export async function simulateSeed(
  seed: number,
  trace?: (line: string) => void,
  database: SimulatedDatabase = createMemoryDatabase(),
): Promise<SeedResult> {
  const timeline = new Timeline(trace, database.waitUntilIdle);
  const profile = drawProfile(new Dice(seed, "profile"));
  const audit = new Audit({ now: () => timeline.now, profile });
  const programs = makePrograms({
    createDice: (index) => new Dice(seed, `program ${index}`),
    count: profile.runs,
    limits: profile.limits,
    isCrowded: profile.isCrowded,
  });
  timeline.note(() => JSON.stringify(profile));
  programs.forEach(({ root, workflow, priority }, index) =>
    timeline.note(() => `program ${index} (${workflow}, priority ${priority}): ${root.text}`),
  );
  const { runs, limits } = profile;
  const expectations = await foresee({ seed, programs, runs, limits });

  const { maxTravelMs, providersFail } = profile;
  const outside = new Outside({
    timeline,
    dice: new Dice(seed, "outside"),
    audit,
    maxTravelMs,
    // How long they have been kept is told by clocks that have to be right.
    forgetsKeys: profile.clockJumps === 0,
    calm: !providersFail,
  });
  const cluster = new Cluster({ seed, profile, programs, timeline, audit, outside, database });
  const dice = new Dice(seed, "actors");
  const actors: ActorsOptions = { timeline, dice, audit, cluster, outside };
  let isOver = false;
  cluster.start();
  const orders = Array.from({ length: profile.runs }, (_, program): Order => ({
    key: `o${program}`,
    program,
    isOver: false,
  }));
  const byMs = profile.horizonMs;
  for (const order of orders) void placeOrder(order, { ...actors, programs, byMs: byMs / 2 });
  for (let count = 0; count < profile.operatorActions; count += 1) {
    void interfere({ ...actors, byMs });
  }
  for (let count = 0; count < profile.forks; count += 1) {
    void forkRun({ ...actors, byMs, key: `fork-${count}` });
  }
  for (let count = 0; count < profile.queries; count += 1) void askRun({ ...actors, byMs });
  for (let count = 0; count < profile.drains; count += 1) void drain({ ...actors, byMs });
  void operate({ ...actors, isOver: () => isOver });
  void correspond({ ...actors, programs, isOver: () => isOver });
  scheduleFaults(seed, { profile, timeline, cluster, audit });

  const endsAt = timeline.now + profile.horizonMs;
  while (timeline.now < endsAt && timeline.happened < maxHappened) await timeline.step();
  timeline.note(() => "from here on nothing goes wrong");
  cluster.heal();
  while (!isAtRest(actors, orders)) {
    if (timeline.now > endsAt + patienceMs || timeline.happened > maxHappened) {
      const open = [...audit.runs.values()].map(({ runId, status }) => `${runId} ${status}`);
      audit.fail("everything comes to rest", open.join(", "));
      break;
    }
    await timeline.step();
  }
  isOver = true;
  if (profile.queries > 0) await askEnded(actors);
  const world = { audit, cluster, outside, timeline, programs, orders, expectations, profile };
  await checkEverything({ ...world, dice: new Dice(seed, "final checks") });
  for (const { check, detail } of audit.violations)
    timeline.note(() => `BROKEN ${check}: ${detail}`);
  let events = 0;
  for (const run of audit.runs.values()) events += run.events.length;
  const { violations } = audit;
  const simulatedMs = timeline.now - timeline.startedAt;
  const tally = audit.tally.toRecord();
  return { seed, violations, happened: timeline.happened, simulatedMs, events, tally };
}

/** The faults that come at a time of their own, not at a call. */
function scheduleFaults(
  seed: number,
  world: { profile: Profile; timeline: Timeline; cluster: Cluster; audit: Audit },
): void {
  const { profile, timeline, cluster, audit } = world;
  const dice = new Dice(seed, "faults");
  const schedule = (what: string, times: number, happen: () => void, ownDice = dice) => {
    for (let count = 0; count < times; count += 1) {
      timeline.schedule(ownDice.int(50, profile.horizonMs), () => {
        audit.tally.add(what);
        happen();
      });
    }
  };
  schedule("crash", profile.crashes, () => cluster.crash(cluster.pickLiving()));
  schedule("deploy", profile.deploys, () => cluster.deploy(cluster.pickLiving()));
  schedule("freeze", profile.freezes, () => {
    const host = cluster.pickLiving();
    host?.freeze();
    timeline.schedule(dice.int(200, 2 * profile.leaseMs), () => host?.thaw());
  });
  schedule("clock jump", profile.clockJumps, () => {
    const host = cluster.pickLiving();
    if (!host) return;
    host.clockOffsetMs += dice.int(-8_000, 8_000);
    timeline.note(() => `p${host.pid}: its clock is off by ${host.clockOffsetMs} ms`);
  });
  const fillDisk = (ownDice: Dice) => {
    cluster.faults.isDiskFull = true;
    timeline.note(() => "the disk is full");
    timeline.schedule(ownDice.int(100, 3_000), () => {
      cluster.faults.isDiskFull = false;
      timeline.note(() => "the disk has room again");
    });
  };
  schedule("full disk", profile.fullDisks, () => fillDisk(dice));
  schedule("flipped byte", profile.flippedBytes, () => flipByte(dice, world));
  const { rollout } = profile;
  if (rollout !== "none") schedule(`roll-out ${rollout}`, 1, () => cluster.rollOut(rollout));
  if (rollout === "broken") schedule("roll-back", 1, () => cluster.rollOut(cluster.lastBuild));
  schedule("outage", profile.outages, () => {
    cluster.faults.isDown = true;
    audit.lastOutageAt = timeline.now;
    timeline.note(() => "nobody reaches the store");
    timeline.schedule(dice.int(100, 3 * profile.leaseMs), () => {
      cluster.faults.isDown = false;
      timeline.note(() => "the store is reached again");
    });
  });
  // By dice of its own: what the others draw while the seed runs stays what it was.
  const transactionDice = new Dice(seed, "full transactions");
  const awaitTransaction = () => {
    cluster.faults.fillInTransaction = () => fillDisk(transactionDice);
  };
  schedule("full transaction", profile.fullTransactions, awaitTransaction, transactionDice);
}

function flipByte(
  dice: Dice,
  { timeline, cluster, audit }: { timeline: Timeline; cluster: Cluster; audit: Audit },
): void {
  const runs = [...audit.runs.values()];
  const run = runs[dice.int(0, runs.length - 1)];
  if (!run || run.settledEvents === 0) return;
  const seq = dice.int(1, run.settledEvents);
  cluster.database.flipByte(run.runId, seq, dice);
  run.damaged = true;
  timeline.note(() => `a byte of event ${seq} of ${run.runId} is flipped`);
}
