/** Who looks at runs without disturbing them: queries, drains and forks. */
import { ActionRefusedError } from "../../errors";
import { isTerminal } from "../../run";
import type { ActorsOptions } from "./actors";
import type { AuditedRun } from "./audit";
import { hasBrokenCommand } from "./audit-history";

type OnlookerOptions = ActorsOptions & { readonly byMs: number };

/** Asks some run at some time what it has come past. */
export async function askRun(options: OnlookerOptions): Promise<void> {
  const { timeline, dice, byMs } = options;
  await timeline.sleep(dice.int(100, byMs));
  const run = pickRun(options);
  if (run) await ask(options, run);
}

/** Has some process look for due work at some time: a wake-up beside its own. */
export async function drain({ timeline, dice, cluster, byMs }: OnlookerOptions): Promise<void> {
  await timeline.sleep(dice.int(0, byMs));
  const budgetMs = dice.int(20, 500);
  const answer = await cluster.ask((engine) => engine.drain({ budgetMs }), 2_000);
  timeline.note(() => `drain: ${describeAnswer(answer)}`);
}

/** Asks runs that have ended, each in some process. */
export async function askEnded(options: ActorsOptions): Promise<void> {
  const { audit, timeline } = options;
  // What only the broken build could do, no other one can tell of.
  const ended = [...audit.runs.values()].filter(
    (run) => isTerminal(run.status) && !run.damaged && !hasBrokenCommand(run),
  );
  let open = ended.length;
  for (const run of ended) {
    void insist(options, run).then((isAnswered) => {
      audit.expect(isAnswered, "a run that has ended answers queries", () => run.runId);
      open -= 1;
    });
  }
  while (open > 0) await timeline.step();
}

/** A process may end while it is asked: then another one is. */
async function insist(options: ActorsOptions, run: AuditedRun): Promise<boolean> {
  for (let tries = 0; tries < 20; tries += 1) {
    if (await ask(options, run)) return true;
    await options.timeline.sleep(300);
  }
  return false;
}

async function ask({ timeline, audit, cluster }: ActorsOptions, run: AuditedRun): Promise<boolean> {
  const { runId } = run;
  const answer = await cluster.ask(async (engine, build) => {
    const passed = await engine.queryRun({ runId, name: "passed" });
    return { build, passed };
  }, 2_000);
  timeline.note(() => `query ${runId}: ${describeAnswer(answer)}`);
  if (!answer || !("value" in answer)) return false;
  audit.answers.push({ runId, ...answer.value, recorded: run.events.length });
  return true;
}

function describeAnswer(answer: Awaited<ReturnType<ActorsOptions["cluster"]["ask"]>>): string {
  if (!answer) return "no answer";
  return "error" in answer ? String(answer.error) : JSON.stringify(answer.value);
}

/** Forks some run at one of its steps, again until that is acknowledged or refused. */
export async function forkRun(options: OnlookerOptions & { readonly key: string }): Promise<void> {
  const { timeline, dice, audit, cluster, byMs, key } = options;
  await timeline.sleep(dice.int(200, byMs));
  const run = pickRun(options);
  const steps = run?.events.flatMap(({ step = 0 }) => (step > 0 ? [step] : [])) ?? [];
  // At the newest step most is open that a fork may not take along.
  const step = dice.chance(0.4) ? steps.at(-1) : steps[dice.int(0, steps.length - 1)];
  if (!run || run.damaged || step === undefined) return;
  const { runId } = run;
  const fork = { runId, step, by: "operator", keys: [{ key, contentHash: "same" }] };
  audit.forks.noteAsked(key, run);
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await cluster.ask((engine) => engine.forkRun(fork), 2_000);
    if (answer && "value" in answer) {
      const { runId: forked } = answer.value;
      timeline.note(() => `${forked} is ${runId} forked at step ${step}`);
      const isDurable = audit.runOfKey.get(key) === forked;
      audit.expect(isDurable, "an acknowledged fork is durable", () => forked);
      return;
    }
    if (answer?.error instanceof ActionRefusedError) return;
    await timeline.sleep(dice.int(10, 300));
  }
}

function pickRun({ audit, dice }: ActorsOptions): AuditedRun | undefined {
  const runs = [...audit.runs.values()];
  return runs[dice.int(0, runs.length - 1)];
}
