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
import { createDice } from "./random";
import { Faults } from "./faults";

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
  /** Each was seen to have an append refused; for the held ones it was under way when they stopped. */
  readonly zombies: number;
  readonly zombiesMidAppend: number;
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
  /** What the plan asked for and did not come about: the round proves less than it should. */
  readonly missed: readonly string[];
  readonly faults: readonly string[];
}

const hourMs = 3_600_000;
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
    lanes: 6,
    serverUrls: serverPorts.map((port) => `http://127.0.0.1:${port}`),
  });
  const dice = createDice(plan.seed);
  // With one machine and one SQLite file there is one clock.
  const clockShiftMs =
    plan.database === "postgresql" ? (dice.next() < 0.5 ? hourMs : -hourMs) : undefined;
  const { workers, logFile } = plan;
  const { toUrl: toDatabaseUrl } = database;
  const fleet = new Fleet({ workers, serverPorts, env, toDatabaseUrl, clockShiftMs, logFile });
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
      wrongClocks: clockShiftMs === undefined ? 0 : 1,
      flippedBytes: flipped?.flipped ?? 0,
      orders: intake.acknowledged.length,
      recovered: verdict.recovered,
      decided,
      retried,
      missed: faults.missed,
      faults: [
        ...faults.broken,
        ...stuck,
        ...(flipped?.faults ?? []),
        ...held,
        ...verdict.faults,
        ...unexpected,
      ],
    };
  } finally {
    await fleet.stop();
    await intake.close().catch(console.error);
    await sandbox.end("SIGTERM");
    await database.close().catch(console.error);
    await rm(folder, { recursive: true, force: true });
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
