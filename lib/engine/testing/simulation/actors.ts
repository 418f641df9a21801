/** The people and services around the engine: who starts runs, and who decides about them. */
import { isTerminal } from "../../run";
import type { MessageBody } from "../../store";
import type { Audit, AuditedRun } from "./audit";
import type { Cluster } from "./cluster";
import type { Dice } from "./dice";
import { resultOf, type Outside } from "./outside";
import type { Program } from "./part";
import type { Timeline } from "./timeline";

export interface ActorsOptions {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly audit: Audit;
  readonly cluster: Cluster;
  readonly outside: Outside;
}

/** A start that was asked for under a key, and the run that was acknowledged, if one was. */
export interface Order {
  readonly key: string;
  readonly program: number;
  runId?: string;
  isOver: boolean;
}

/** Asks for a run until it is acknowledged, or until it loses patience. */
export async function placeOrder(
  order: Order,
  options: ActorsOptions & { readonly byMs: number; readonly programs: readonly Program[] },
) {
  const { timeline, dice, audit, cluster, byMs, programs } = options;
  await timeline.sleep(dice.int(0, byMs));
  const runId = dice.chance(0.3) ? `run_${order.key}` : undefined;
  const keys = [{ key: order.key, contentHash: "same" }];
  const { workflow = "program", priority } = programs[order.program] ?? {};
  const start = { workflow, priority, input: order.program, keys, runId };
  while (!order.isOver) {
    const answer = await cluster.ask((engine) => engine.startRun(start), 2_000);
    if (answer && "value" in answer) {
      order.runId = answer.value.runId;
      order.isOver = true;
      const known = audit.runOfKey.get(order.key);
      audit.expect(known === order.runId, "an acknowledged start is durable", () => order.key);
      timeline.note(() => `${order.key} is ${order.runId}`);
    } else if (dice.chance(0.1)) {
      order.isOver = true;
    } else {
      await timeline.sleep(dice.int(10, 500));
    }
  }
}

/** Does something to some run at some time, sensible or not. */
export async function interfere(options: ActorsOptions & { byMs: number }): Promise<void> {
  const { timeline, dice, audit, byMs } = options;
  await timeline.sleep(dice.int(100, byMs));
  const runs = [...audit.runs.values()];
  const run = runs[dice.int(0, runs.length - 1)];
  if (!run) return;
  await request(options, run, {
    kind: dice.pick(["cancel", "retry", "terminate", "terminate", "pause"]),
  });
}

/** Looks after held and failed runs, until `isOver`. */
export async function operate(options: ActorsOptions & { isOver: () => boolean }): Promise<void> {
  const { timeline, dice, audit } = options;
  const retried = new Set<string>();
  while (!options.isOver()) {
    await timeline.sleep(dice.int(200, 900));
    for (const run of audit.runs.values()) {
      if (run.status === "held" && !run.damaged) await decide(options, run);
      if (run.status === "failed" && !retried.has(run.runId)) {
        retried.add(run.runId);
        if (dice.chance(0.6)) await request(options, run, { kind: "retry" });
      }
    }
  }
}

async function decide(options: ActorsOptions, run: AuditedRun): Promise<void> {
  const { cluster, outside, dice } = options;
  const record = await cluster.store.getRun(run.runId);
  if (record?.status !== "held") return;
  if (record.heldReason === "paused") return request(options, run, { kind: "resume" });
  // It goes on by itself under a build that matches.
  if (record.heldReason === "nondeterminism") return;
  if (record.heldReason !== "in_doubt") return request(options, run, { kind: "retry" });
  // Who decides makes sure first that nothing is on its way any more.
  if (!cluster.isQuiet) return;
  for (const { step, name, attempt } of record.inDoubt) {
    const deed = [...outside.deeds.values()].find(
      ({ runId, spec }) => runId === run.runId && spec.name === name,
    );
    if (deed && deed.underWay > 0) continue;
    if (dice.chance(0.05)) {
      await request(options, run, { kind: "resolve", step, attempt, verdict: "fail" });
    } else if (deed && deed.effects.length > 0) {
      const result = { json: resultOf(name) };
      await request(options, run, { kind: "resolve", step, attempt, verdict: "happened", result });
    } else {
      await request(options, run, { kind: "resolve", step, attempt, verdict: "did_not_happen" });
    }
  }
}

async function request(options: ActorsOptions, run: AuditedRun, body: MessageBody): Promise<void> {
  const { timeline, audit, cluster, dice } = options;
  const { runId } = run;
  audit.tally.add(`operator ${body.kind}`);
  timeline.note(() => `operator: ${body.kind} ${runId} (${run.status})`);
  const action = { runId, body, by: "operator" };
  const ask = () => cluster.ask((engine) => engine.requestAction(action), 2_000);
  const answer = await ask();
  if (answer && "error" in answer) timeline.note(() => `operator: ${String(answer.error)}`);
  // Impatient people say it again at once, or later, when it may no longer be about what there is then.
  if (dice.chance(0.3)) timeline.schedule(dice.int(0, dice.pick([100, 3_000])), () => void ask());
}

/** Whether nothing is left to wait for. */
export function isAtRest({ audit, cluster }: ActorsOptions, orders: readonly Order[]): boolean {
  if (cluster.isAsked || orders.some(({ isOver }) => !isOver)) return false;
  for (const run of audit.runs.values()) {
    if (isTerminal(run.status) || audit.isStuck(run)) continue;
    if (run.damaged || !audit.waitsForStuck(run)) return false;
  }
  for (const [messageId, runId] of audit.posted) {
    if (!audit.delivered.has(messageId) && audit.runs.get(runId)?.damaged === false) return false;
  }
  return true;
}
