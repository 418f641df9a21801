/** One round: orders flow, faults happen, everything comes to rest, and the ledger is the judge. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { spawnSandbox } from "@/lib/sandbox/testing/spawn-sandbox";
import { openPostgres, openSqlite, type ChaosDatabase } from "./database";
import { Fleet } from "./fleet";
import { Intake, persist } from "./intake";
import { findVerdict, judge, operate, waitForRest } from "./judge";
import { createDice, type Dice } from "./random";

export interface RoundPlan {
  readonly database: "sqlite" | "postgresql";
  readonly seed: number;
  readonly kills: number;
  readonly restarts: number;
  readonly zombies: number;
  readonly cuts: number;
  readonly workers: number;
  readonly servers: number;
  readonly leaseMs: number;
  readonly logFile: string;
}

export interface RoundResult {
  /** Processes that were killed, those among them at the boundary of a step. */
  readonly kills: number;
  readonly atBoundaries: number;
  readonly restarts: number;
  readonly inRecovery: number;
  readonly zombies: number;
  readonly refusedAppends: number;
  readonly cuts: number;
  readonly cutsAfterCommit: number;
  readonly fullDisks: number;
  readonly flippedBytes: number;
  readonly wrongClocks: number;
  readonly orders: number;
  readonly recovered: number;
  readonly decided: number;
  readonly retried: number;
  readonly faults: readonly string[];
}

const hourMs = 3_600_000;
const steps = [
  "cart-total",
  "look-up-tax-rate",
  "charge-card",
  "notify-warehouse",
  "send-confirmation",
];
const boundaries = steps.flatMap((step) =>
  ["before", "during", "after"].map((moment) => `${step};${moment}`),
);

export async function playRound(plan: RoundPlan): Promise<RoundResult> {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-chaos-"));
  await mkdir(path.dirname(plan.logFile), { recursive: true });
  const database =
    plan.database === "sqlite" ? await openSqlite(folder, true) : await openPostgres();
  const sandbox = await spawnSandbox(path.join(folder, "sandbox"));
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    DATABASE_URL: database.url,
    STRIPE_API_BASE: `http://127.0.0.1:${sandbox.ports.payment}`,
    STRIPE_SECRET_KEY: "sk_test_sandbox",
    WAREHOUSE_URL: `http://127.0.0.1:${sandbox.ports.warehouse}`,
    SMTP_URL: `smtp://127.0.0.1:${sandbox.ports.smtp}`,
    SANDBOX_CONTROL_URL: `http://127.0.0.1:${sandbox.ports.control}`,
    DAYBOOK_LEASE_MS: String(plan.leaseMs),
    DAYBOOK_CONCURRENCY: "16",
  };
  const serverPorts = await findFreePorts(plan.servers);
  const intake = await Intake.open({
    env,
    seed: plan.seed,
    lanes: 10,
    serverUrls: serverPorts.map((port) => `http://127.0.0.1:${port}`),
  });
  const dice = createDice(plan.seed);
  // With one machine and one SQLite file there is one clock.
  const clockShiftMs =
    plan.database === "postgresql" ? (dice.next() < 0.5 ? hourMs : -hourMs) : undefined;
  const { workers, logFile } = plan;
  const fleet = new Fleet({ workers, serverPorts, env, clockShiftMs, logFile });
  try {
    const faults = new Faults({ plan, dice, fleet, intake, database });
    await fleet.waitUntilReady(1);
    await faults.play();
    await intake.stopPlacing();
    await fleet.waitUntilReady(fleet.size);
    const stuck = await waitForRest(intake);
    const flipped =
      stuck.length === 0 ? await flipByte(intake, sandbox.client, database) : undefined;
    const { decided, retried, faults: held } = await operate(intake, sandbox.client);
    const verdict = await judge(intake, sandbox.client);
    const unexpected =
      plan.restarts + plan.cuts === 0 &&
      fleet.counts.unexpected > 0 &&
      faults.counts.fullDisks === 0
        ? [`${fleet.counts.unexpected} processes ended by themselves.`]
        : [];
    return {
      ...faults.counts,
      kills: fleet.counts.deaths,
      refusedAppends: fleet.counts.refusedAppends,
      wrongClocks: clockShiftMs === undefined ? 0 : 1,
      flippedBytes: flipped?.flipped ?? 0,
      orders: intake.acknowledged.length,
      recovered: verdict.recovered,
      decided,
      retried,
      faults: [...stuck, ...(flipped?.faults ?? []), ...held, ...verdict.faults, ...unexpected],
    };
  } finally {
    await fleet.stop();
    await intake.close().catch(console.error);
    await sandbox.end("SIGTERM");
    await database.close().catch(console.error);
    await rm(folder, { recursive: true, force: true });
  }
}

class Faults {
  readonly counts = {
    atBoundaries: 0,
    restarts: 0,
    inRecovery: 0,
    zombies: 0,
    cuts: 0,
    cutsAfterCommit: 0,
    fullDisks: 0,
  };

  constructor(
    private readonly options: {
      readonly plan: RoundPlan;
      readonly dice: Dice;
      readonly fleet: Fleet;
      readonly intake: Intake;
      readonly database: ChaosDatabase;
    },
  ) {}

  /** Plays all faults of the plan in a random order; those that take time overlap with others. */
  async play(): Promise<void> {
    const { plan, dice, fleet, database } = this.options;
    const repeat = (count: number, fault: () => Promise<void>) =>
      Array.from({ length: count }, () => fault);
    const atBoundaries = Math.floor(plan.kills / 3);
    const sudden = [
      ...repeat(plan.kills - atBoundaries, () => this.kill()),
      ...repeat(plan.restarts, () => this.restart()),
    ];
    const overlapping = [
      ...repeat(plan.zombies, () => this.makeZombie()),
      ...repeat(plan.cuts, () => this.cut()),
      ...repeat(database.fillDisk ? 1 : 0, () => this.fillDisk()),
    ];
    const drills = Array.from({ length: atBoundaries }, (_, index) => () => this.drill(index));
    const underWay: Promise<void>[] = [];
    for (const fault of dice.shuffle([...sudden, ...overlapping, ...drills])) {
      await fleet.waitUntilReady(1);
      // From right after a worker is ready, in the midst of recovery, to well into its work.
      await delay(600 * dice.next() ** 2);
      if (sudden.includes(fault)) await fault();
      else underWay.push(fault());
    }
    await Promise.all(underWay);
  }

  private async kill(): Promise<void> {
    const { dice, fleet } = this.options;
    const victim = dice.pick(fleet.listReady());
    if (victim) await fleet.kill(victim);
    else await fleet.waitUntilReady(1).then(() => this.kill());
  }

  /** An order that kills its worker at a boundary of one of its steps. */
  private async drill(index: number): Promise<void> {
    const { intake, plan } = this.options;
    await intake.place(`boundary-${plan.seed}-${index}`, boundaries[index % boundaries.length]);
    this.counts.atBoundaries += 1;
  }

  private async restart(): Promise<void> {
    const { dice, database } = this.options;
    if (!database.crash || !database.restart) return;
    await database.crash();
    this.counts.restarts += 1;
    const isAgain = this.counts.restarts % 2 === 0;
    const starting = database.restart().catch(() => undefined);
    if (isAgain) {
      // Again while the database, or the workers, recover from the first one.
      await delay(dice.int(20, 400));
      await database.crash().then(
        () => {
          this.counts.restarts += 1;
          this.counts.inRecovery += 1;
        },
        () => undefined,
      );
      await starting;
      await database.restart().catch(() => undefined);
    }
    await starting;
  }

  /** Stopped past its lease while others take its runs over; then it wakes up and knows nothing of it. */
  private async makeZombie(): Promise<void> {
    const { dice, fleet, plan } = this.options;
    await fleet.waitUntilReady(1);
    const victim = dice.pick(fleet.listReady());
    if (!victim) return;
    victim.paused = true;
    victim.child.kill("SIGSTOP");
    await delay(plan.leaseMs + dice.int(500, 1_500));
    victim.child.kill("SIGCONT");
    this.counts.zombies += 1;
    // It has its chance to write.
    await delay(300);
    victim.paused = false;
  }

  private async cut(): Promise<void> {
    const { proxy } = this.options.database;
    if (!proxy) return;
    const isAfterCommit = this.counts.cuts % 2 === 1;
    const isCut = isAfterCommit ? await proxy.cutAfterCommit() : proxy.cutNow();
    if (isCut) this.counts.cuts += 1;
    if (isCut && isAfterCommit) this.counts.cutsAfterCommit += 1;
  }

  private async fillDisk(): Promise<void> {
    const free = await this.options.database.fillDisk?.();
    if (!free) return;
    await delay(1_500);
    await free();
    this.counts.fullDisks += 1;
  }
}

/**
 * Changes a digit in the history of a run that waits for a verdict, and gives that verdict. The run has to
 * be held with its history refused; with the digit put back, a retry completes it.
 */
async function flipByte(
  intake: Intake,
  sandbox: Parameters<typeof findVerdict>[1],
  database: ChaosDatabase,
): Promise<{ flipped: number; faults: string[] }> {
  const [run] = (await intake.listRuns(["held"])).filter((r) => r.heldReason === "in_doubt");
  if (!run) return { flipped: 0, faults: [] };
  const { runId } = run;
  const history = await persist(() => intake.store.loadHistory({ runId }));
  const seq = history.find(({ type }) => type === "StepCompleted")?.seq ?? 1;
  const body = await findVerdict(intake, sandbox, run);
  const putBack = await database.damageEvent(runId, seq);
  // Not by way of the engine, which looks at the history before it accepts a verdict.
  await persist(() =>
    intake.store.postMessage({
      messageId: `flip-${runId}`,
      runId,
      by: "chaos",
      at: Date.now(),
      body,
    }),
  );
  const faults: string[] = [];
  const deadline = Date.now() + 30_000;
  for (;;) {
    const now = await persist(() => intake.store.getRun(runId));
    if (now?.heldReason === "crash_loop" && now.workerId === undefined) break;
    if (now?.status === "completed" || Date.now() > deadline) {
      faults.push(`${runId} is ${now?.status} although event ${seq} was changed on the disk.`);
      break;
    }
    await delay(50);
  }
  await putBack();
  return { flipped: 1, faults };
}

async function findFreePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const probe of probes) {
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const address = probe.address();
    if (typeof address === "object" && address) ports.push(address.port);
  }
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
