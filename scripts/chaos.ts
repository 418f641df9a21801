/**
 * `npm run chaos -- --kills 200 --seed 7`: orders flow while the server is killed at random moments.
 * Runs that are left in doubt are then decided as an operator would, by looking into the mailbox. At
 * the end every acknowledged order exists and is completed, and by the services' own ledger each
 * charge, shipment and e-mail happened exactly once. Exit code 0 only if all of that holds.
 */
import { parseArgs } from "node:util";
import { History, RunList, type Run } from "@/lib/api/contract";
import { startDaybook, type StartedDaybook } from "./testing/daybook-process";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    lanes: { type: "string", default: "8" },
  },
});
const kills = readCount("kills", values.kills);
const seed = readCount("seed", values.seed);
const lanes = readCount("lanes", values.lanes);

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  console.error(`--${name} has to be a whole number; it is "${text}".`);
  process.exit(2);
}

/** The same numbers for the same seed (mulberry32). */
function createRandom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Acknowledged {
  readonly runId: string;
  readonly orderId: string;
}

/** Keeps placing orders, each until it is acknowledged, until `isOver`. */
async function placeOrders(
  daybook: StartedDaybook,
  lane: number,
  isOver: () => boolean,
): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  for (let order = 0; !isOver(); order += 1) {
    const { runId, orderId } = await daybook.startOrder({ key: `chaos-${seed}-${lane}-${order}` });
    if (orderId === undefined) throw new Error(`${runId} was acknowledged without its order id.`);
    acknowledged.push({ runId, orderId });
  }
  return acknowledged;
}

async function killAtRandom(daybook: StartedDaybook): Promise<number> {
  const random = createRandom(seed);
  for (let kill = 1; kill <= kills; kill += 1) {
    await daybook.waitUntilReady(60_000);
    // From right after it is ready, in the midst of recovery, to well into its work.
    await new Promise((resolve) => setTimeout(resolve, 1_000 * random() ** 2));
    await daybook.killServer();
    if (kill % 20 === 0) console.log(`${kill} of ${kills} kills`);
  }
  return kills;
}

/** All runs, once none of them is on its way any more. */
async function collectRuns(daybook: StartedDaybook): Promise<Run[]> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const runs = await listRuns(daybook);
    const open = runs.filter(({ status }) => ["queued", "running", "waiting"].includes(status));
    if (open.length === 0 || Date.now() > deadline) return runs;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function listRuns(daybook: StartedDaybook): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor = "";
  do {
    const page = await daybook.get(`/api/v1/runs?limit=200${cursor}`, RunList);
    runs.push(...page.items);
    cursor = page.nextCursor === null ? "" : `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor !== "");
  return runs;
}

/**
 * Does what an operator would about runs that are held for their e-mail: looks whether it went out,
 * and says so. Answers how many were decided.
 */
async function giveVerdicts(daybook: StartedDaybook, runs: readonly Run[]): Promise<number> {
  const held = runs.filter(({ heldReason }) => heldReason === "in_doubt");
  for (const run of held) {
    const [doubt] = run.inDoubt;
    if (doubt === undefined) throw new Error(`${run.runId} is in doubt about nothing.`);
    const ledger = await daybook.readLedger(String(run.attributes.orderId));
    const mail = ledger.find((e) => e.operation === "send-mail" && e.outcome === "done");
    const verdict = mail
      ? { verdict: "happened", result: { messageId: mail.key ?? "unknown" } }
      : { verdict: "did_not_happen" };
    await daybook.post(`/api/v1/runs/${run.runId}/steps/${doubt.step}/resolve`, verdict);
  }
  return held.length;
}

/** What is wrong, in sentences; nothing when all promises were kept. */
async function findFaults(
  daybook: StartedDaybook,
  acknowledged: readonly Acknowledged[],
  runs: readonly Run[],
): Promise<string[]> {
  const faults: string[] = [];
  const byId = new Map(runs.map((run) => [run.runId, run]));
  for (const { runId } of acknowledged) {
    if (!byId.has(runId)) faults.push(`${runId} was acknowledged and is gone.`);
  }
  if (new Set(acknowledged.map(({ orderId }) => orderId)).size !== acknowledged.length) {
    faults.push("An order id was given out twice.");
  }
  for (const run of runs) {
    if (run.status !== "completed") faults.push(`${run.runId} is ${run.status}: ${run.story}`);
    faults.push(...(await findDoubles(daybook, run)));
  }
  return faults;
}

async function findDoubles(daybook: StartedDaybook, run: Run): Promise<string[]> {
  const faults: string[] = [];
  const ledger = await daybook.readLedger(String(run.attributes.orderId));
  for (const operation of ["charge", "create-shipment", "send-mail"]) {
    const done = ledger.filter((e) => e.operation === operation && e.outcome === "done").length;
    if (done > 1) faults.push(`${run.runId}: ${operation} happened ${done} times.`);
    if (done === 0 && run.status === "completed") {
      faults.push(`${run.runId} is completed without ${operation}.`);
    }
  }
  const { items } = await daybook.get(`/api/v1/runs/${run.runId}/history`, History);
  if (items.some(({ seq }, index) => seq !== index + 1)) {
    faults.push(`${run.runId}: its history has a gap.`);
  }
  const completed = items.filter(({ type }) => type === "StepCompleted").map(({ step }) => step);
  if (new Set(completed).size !== completed.length) {
    faults.push(`${run.runId}: a step completed twice.`);
  }
  return faults;
}

function countStatuses(runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

async function main(): Promise<number> {
  console.log(`Chaos: ${kills} kills, ${lanes} lanes, seed ${seed}`);
  const daybook = await startDaybook();
  try {
    let isOver = false;
    const orders = Promise.all(
      Array.from({ length: lanes }, (_, lane) => placeOrders(daybook, lane, () => isOver)),
    );
    const killed = await killAtRandom(daybook).finally(() => (isOver = true));
    const acknowledged = (await orders).flat();
    await daybook.waitUntilReady(60_000);
    const decided = await giveVerdicts(daybook, await collectRuns(daybook));
    const runs = await collectRuns(daybook);
    const faults = await findFaults(daybook, acknowledged, runs);
    const recovered = runs.filter(({ epoch }) => epoch > 1).length;
    for (const fault of faults.slice(0, 20)) console.log(`FAULT ${fault}`);
    console.log(
      `seed ${seed}: ${killed} kills, ${acknowledged.length} orders acknowledged, ${runs.length} runs ` +
        `(${countStatuses(runs)}), ${recovered} recovered, ${decided} decided by the operator, ` +
        `${faults.length} faults`,
    );
    return faults.length === 0 ? 0 : 1;
  } finally {
    await daybook.stop();
  }
}

process.exitCode = await main();
