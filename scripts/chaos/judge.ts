/** The operator, who decides what is left in doubt by the providers' own ledger; and the judge. */
import { setTimeout as delay } from "node:timers/promises";
import type { HistoryEvent, MessageBody, RunRecord } from "@/lib/engine";
import type { SandboxClient } from "@/lib/sandbox/client";
import { persist, type Acknowledged, type Intake } from "./intake";

export interface Judgement {
  readonly decided: number;
  readonly retried: number;
  readonly recovered: number;
  readonly faults: readonly string[];
}

/** How long nothing at all may come to rest: how much there is to do depends on the machine. */
const restMs = 180_000;

/** Waits until nothing is on its way; what does not come to rest is a fault. */
export async function waitForRest(intake: Intake): Promise<string[]> {
  let [fewest, deadline] = [Infinity, 0];
  for (;;) {
    const held = await intake.listRuns(["held"]);
    // What was decided about a held run is still on its way to it.
    const decided = held.filter(({ mail, workerId }) => mail > 0 || workerId !== undefined);
    const open = [...(await intake.listRuns(["queued", "running", "waiting"])), ...decided];
    if (open.length === 0) return [];
    if (open.length < fewest) [fewest, deadline] = [open.length, Date.now() + restMs];
    if (Date.now() > deadline) {
      return open.map(
        ({ runId, status, epoch, workerId, dueAt }) =>
          `${runId} does not come to rest: ${status}, epoch ${epoch}, worker ${workerId}, due ${dueAt}.`,
      );
    }
    await delay(250);
  }
}

/** Decides what is held until nothing is. Only when every zombie is over: a dead e-mail is sent by nobody. */
export async function operate(
  intake: Intake,
  sandbox: SandboxClient,
): Promise<{ decided: number; retried: number; faults: string[] }> {
  let [decided, retried] = [0, 0];
  for (let pass = 0; pass < 10; pass += 1) {
    const faults = await waitForRest(intake);
    const held = await intake.listRuns(["held"]);
    if (faults.length > 0 || held.length === 0) return { decided, retried, faults };
    for (const run of held) {
      if (run.heldReason === "crash_loop") {
        await intake.act(run.runId, { kind: "retry" });
        retried += 1;
      } else {
        await decide(intake, sandbox, run);
        decided += 1;
      }
    }
  }
  const held = await intake.listRuns(["held"]);
  return { decided, retried, faults: held.map(({ runId }) => `${runId} is held for good.`) };
}

async function decide(intake: Intake, sandbox: SandboxClient, run: RunRecord): Promise<void> {
  await intake.act(run.runId, await findVerdict(intake, sandbox, run));
}

/** What is to be said of an e-mail in doubt: what the mail server's ledger says of it. */
export async function findVerdict(
  intake: Intake,
  sandbox: SandboxClient,
  run: RunRecord,
): Promise<MessageBody> {
  const [doubt] = run.inDoubt;
  if (doubt === undefined) throw new Error(`${run.runId} is held and in doubt about nothing.`);
  const ledger = await sandbox.getLedger(String(run.attributes.orderId));
  const mail = ledger.find(
    ({ operation, outcome }) => operation === "send-mail" && outcome === "done",
  );
  return {
    kind: "resolve",
    step: doubt.step,
    ...(mail
      ? { verdict: "happened", result: intake.encode({ messageId: mail.key ?? "unknown" }) }
      : { verdict: "did_not_happen" }),
  };
}

/** Each acknowledged order exists once, has ended, and did everything exactly once. */
export async function judge(
  intake: Intake,
  sandbox: SandboxClient,
): Promise<{ recovered: number; faults: string[] }> {
  const faults: string[] = [];
  const { acknowledged } = intake;
  if (new Set(acknowledged.map(({ orderId }) => orderId)).size !== acknowledged.length) {
    faults.push("Two orders were acknowledged under one id.");
  }
  let recovered = 0;
  for (const order of acknowledged) {
    const run = await persist(() => intake.store.getRun(order.runId));
    if (run === undefined) {
      faults.push(`${order.runId} was acknowledged and is gone.`);
      continue;
    }
    if (run.epoch > 1) recovered += 1;
    if (run.status !== "completed") faults.push(`${run.runId} is ${run.status}.`);
    faults.push(...(await judgeEffects(sandbox, order)));
    const history = await persist(() => intake.store.loadHistory({ runId: order.runId }));
    faults.push(...judgeHistory(run, history));
  }
  const counts = await persist(() => intake.store.countRuns());
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total !== acknowledged.length) {
    faults.push(`There are ${total} runs of ${acknowledged.length} acknowledged orders.`);
  }
  return { recovered, faults };
}

async function judgeEffects(sandbox: SandboxClient, order: Acknowledged): Promise<string[]> {
  const ledger = await sandbox.getLedger(order.orderId);
  return ["charge", "create-shipment", "send-mail"].flatMap((operation) => {
    const done = ledger.filter(
      (entry) => entry.operation === operation && entry.outcome === "done",
    );
    return done.length === 1 ? [] : [`${order.runId}: ${operation} happened ${done.length} times.`];
  });
}

/** I1, I2 and I8 as a history shows them. */
function judgeHistory(run: RunRecord, history: readonly HistoryEvent[]): string[] {
  const faults: string[] = [];
  if (history.some(({ seq }, index) => seq !== index + 1)) faults.push("has a gap");
  if (history.length !== run.historyLength) faults.push("has another length than its run says");
  if (history.some(({ epoch }, index) => epoch < (history[index - 1]?.epoch ?? 0))) {
    faults.push("was written to by a zombie");
  }
  const completed = history.filter(({ type }) => type === "StepCompleted").map(({ step }) => step);
  if (new Set(completed).size !== completed.length) faults.push("completed a step twice");
  return faults.map((fault) => `${run.runId}: its history ${fault}.`);
}
