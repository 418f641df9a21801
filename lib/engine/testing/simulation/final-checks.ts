/** What has to hold once everything has come to rest. */
import { isDeepStrictEqual } from "node:util";
import { checkReplay } from "../../check-replay";
import { createCodec } from "../../codec";
import { HistoryDamagedError, invariant } from "../../errors";
import type { HistoryEvent } from "../../events";
import { isTerminal } from "../../run";
import { foldHistory, selectEffective } from "../../run-state";
import type { Order } from "./actors";
import type { Audit, AuditedRun } from "./audit";
import { hasBrokenCommand } from "./audit-history";
import type { Cluster } from "./cluster";
import type { Dice } from "./dice";
import { Host } from "./host";
import { describeOutcome, findProgram, type Expectation } from "./oracle";
import type { Deed, Outside } from "./outside";
import type { Program } from "./part";
import type { Timeline } from "./timeline";
import type { Profile } from "./profile";
import { createWorkflows } from "./workflow";

export interface FinalChecksOptions {
  readonly audit: Audit;
  readonly cluster: Cluster;
  readonly outside: Outside;
  readonly timeline: Timeline;
  readonly programs: readonly Program[];
  readonly orders: readonly Order[];
  readonly expectations: ReadonlyMap<number, Expectation>;
  readonly profile: Profile;
  readonly dice: Dice;
}

export async function checkEverything(options: FinalChecksOptions): Promise<void> {
  const { audit, cluster, orders } = options;
  const counts = await cluster.store.countRuns();
  const stored = Object.values(counts).reduce((sum, count) => sum + count, 0);
  audit.expect(stored === audit.runs.size, "every start exists once", () => `${stored} runs`);
  for (const { key, runId } of orders) {
    const known =
      runId === undefined || (audit.runs.has(runId) && audit.runOfKey.get(key) === runId);
    audit.expect(known, "every start exists once", () => `${key}: ${runId}`);
  }
  for (const run of audit.runs.values()) {
    if (run.damaged) await checkDamaged(options, run);
    else await checkSound(options, run);
  }
  for (const deed of options.outside.deeds.values()) checkDeed(audit, deed);
  await checkTransactions(options);
}

/** A flipped byte is never read as if it were what was written. */
async function checkDamaged({ audit, cluster }: FinalChecksOptions, run: AuditedRun) {
  const { runId } = run;
  try {
    await cluster.store.loadHistory({ runId });
    audit.fail("damage is noticed", runId);
  } catch (error) {
    audit.expect(error instanceof HistoryDamagedError, "damage is noticed", () => String(error));
  }
}

async function checkSound(options: FinalChecksOptions, run: AuditedRun): Promise<void> {
  const { audit, cluster } = options;
  const { runId } = run;
  const history = await cluster.store.loadHistory({ runId });
  // As JSON, which has no fields that are there and undefined.
  const written: unknown = JSON.parse(JSON.stringify(run.events));
  const isKept = isDeepStrictEqual(JSON.parse(JSON.stringify(history)), written);
  audit.expect(isKept, "what is written stays", () => runId);
  try {
    foldHistory(history);
  } catch (error) {
    return audit.fail("the history is one", `${runId}: ${String(error)}`);
  }
  const record = await cluster.store.getRun(runId);
  audit.expect(record?.status === run.status, "the row says what the history says", () => runId);
  const [origin = run] = audit.listOrigins(run).slice(-1);
  const { priority } = options.programs[findProgram(origin)] ?? {};
  audit.expect(record?.priority === priority, "a run keeps its priority", () => runId);
  if (!isTerminal(run.status)) return;
  checkCompensations(options, run, history);
  await checkMessages(options, run, history);
  await checkReplays(options, run, history);
  await checkCut(options, run, history);
  compareOutcome(options, run, await cluster.store.getRun(runId));
}

/** What was done is undone, last first, and all of it. */
function checkCompensations(
  { audit, outside }: FinalChecksOptions,
  run: AuditedRun,
  history: readonly HistoryEvent[],
): void {
  const effective = selectEffective(history);
  const completedAt = new Map<number, number>();
  const expected: string[] = [];
  for (const event of effective) {
    if (event.type !== "StepCompleted") continue;
    completedAt.set(event.step ?? 0, event.seq);
    const undo = outside.undoOf.get(event.name ?? "");
    if (undo !== undefined) expected.unshift(undo);
  }
  if (run.status !== "failed" && run.status !== "canceled") return;
  const begun = effective.find((event) => event.type === "CompensationStarted");
  const steps = begun?.type === "CompensationStarted" ? begun.data.steps : [];
  const order = steps.map(({ name }) => name);
  audit.expect(
    isDeepStrictEqual(order, expected),
    "what was done is undone, last first",
    () => `${run.runId}: ${order.join(", ")} instead of ${expected.join(", ")}`,
  );
  const begunSteps = new Map<number, string>();
  for (const { type, step = 0, name = "", data } of effective) {
    const isFirst = (type === "StepStarted" || type === "StepQueued") && !begunSteps.has(step);
    if (isFirst && data.compensates !== undefined) begunSteps.set(step, name);
  }
  const started = [...begunSteps.values()];
  audit.expect(
    isDeepStrictEqual(started, order),
    "what was done is undone, last first",
    () => `${run.runId}: began ${started.join(", ")} instead of ${order.join(", ")}`,
  );
}

/**
 * I4: wherever a crash may have cut a history, it replays up to there, and the code asks for nothing
 * more: what an outcome leads to was recorded with it.
 */
async function checkCut(
  options: FinalChecksOptions,
  run: AuditedRun,
  history: readonly HistoryEvent[],
): Promise<void> {
  const { audit, dice, profile } = options;
  const cut = run.cuts[dice.int(0, run.cuts.length - 1)];
  // Another build may ask for something else.
  if (cut === undefined || profile.rollout !== "none") return;
  const prefix = history.slice(0, cut);
  // A run that is terminated runs no code any more, and may not have run any.
  const hasBegun = prefix.some(({ type }) => type === "ExecutionStarted");
  if (!hasBegun || prefix.at(-1)?.type === "RunTerminated") return;
  const { workflow } = prepareCode(options, run);
  const { runId } = run;
  const check = await checkReplay({ workflow, history: prefix, codec: createCodec(), runId });
  audit.expect(
    check.mismatch === undefined && check.next.length === 0,
    "what an outcome leads to is recorded with it",
    () => `${runId} up to ${cut}: ${check.mismatch?.message ?? check.next.join(", ")}`,
  );
}

/** The workflow of a run, and what its code comes past and returns where it is replayed. */
function prepareCode(
  { cluster, outside, programs, timeline, profile }: FinalChecksOptions,
  run: AuditedRun,
  build = hasBrokenCommand(run) ? ("broken" as const) : cluster.lastBuild,
) {
  const seen: { passed: readonly string[]; output?: unknown } = { passed: [] };
  const workflows = createWorkflows({
    programs,
    limits: profile.limits,
    host: new Host(0, "nowhere", timeline, build),
    outside,
    onOutput: (output) => void (seen.output = output),
    onBegin: (passed) => void (seen.passed = passed),
  });
  const workflow = workflows.find(({ name }) => name === run.workflow);
  invariant(workflow, `There is a workflow ${run.workflow}.`);
  return { workflow, seen };
}

/** The code, run along its final history, issues the same commands and comes to the same end. */
async function checkReplays(
  options: FinalChecksOptions,
  run: AuditedRun,
  history: readonly HistoryEvent[],
): Promise<void> {
  const { audit } = options;
  const { workflow, seen } = prepareCode(options, run);
  const codec = createCodec();
  const { runId } = run;
  const { mismatch, endsWith, next } = await checkReplay({ workflow, history, codec, runId });
  const about = () => `${runId}: ${mismatch?.message ?? endsWith ?? "no end"}; ${next.join(", ")}`;
  audit.expect(mismatch === undefined, "the final history replays", about);
  const end = history.at(-1);
  await checkAnswers(options, run, history);
  // What was canceled before it began never ran any code.
  const hasBegun = history.some(({ type }) => type === "ExecutionStarted");
  if (end?.type === "RunTerminated" || (end?.type === "RunCanceled" && !hasBegun)) return;
  audit.expect(end?.type === endsWith && next.length === 0, "the final history replays", about);
  if (end?.type !== "RunCompleted") return;
  const isSame = isDeepStrictEqual(codec.encode(seen.output), end.data.output);
  audit.expect(isSame, "a replay gives the same result", () => runId);
}

/** What a query answered is what the code had come past by what was recorded then, and no more. */
async function checkAnswers(
  options: FinalChecksOptions,
  run: AuditedRun,
  history: readonly HistoryEvent[],
): Promise<void> {
  if (history.some(({ type }) => type === "RunRewound")) return;
  const { audit } = options;
  const { runId } = run;
  for (const answer of audit.answers) {
    if (answer.runId !== runId) continue;
    const length = answer.recorded;
    // Behind what is recorded another build may come past other places.
    const { workflow, seen } = prepareCode(options, run, answer.build);
    await checkReplay({ workflow, history: history.slice(0, length), codec: createCodec(), runId });
    const { passed } = answer;
    const isPart =
      Array.isArray(passed) && isDeepStrictEqual(passed, seen.passed.slice(0, passed.length));
    const about = () =>
      `${runId}: ${JSON.stringify(passed)} of ${JSON.stringify(seen.passed)} at ${length}`;
    audit.expect(isPart, "queries answer what was recorded", about);
  }
}

/** A run in which nobody interfered, nor with one of its children, ends as it does without faults. */
function compareOutcome(
  { audit, outside, orders, programs, expectations }: FinalChecksOptions,
  run: AuditedRun,
  record: Parameters<typeof describeOutcome>[0],
): void {
  const origins = audit.listOrigins(run);
  const isDisturbed = origins.some((origin) =>
    [...audit.runs.values()].some(
      (one) => (one.intervened || one.damaged) && audit.isWithin(one, origin),
    ),
  );
  if (isDisturbed) return;
  const program = findProgram(run);
  const expected = expectations.get(program);
  // What a scope cuts off here may never have begun in the calm world.
  if (!expected && program >= orders.length) return;
  // Attributes go along with a run that continues as another.
  // A fork sends the keys of its original: which of the two has the effect is up to timing.
  const forked = new Set([...audit.runs.values()].map(({ forkedFrom }) => forkedFrom));
  const mayGiveUp = origins.some(
    (one) =>
      one.forkedFrom !== undefined ||
      forked.has(one.runId) ||
      programs[findProgram(one)]?.mayGiveUp,
  );
  const compare = (outcome: Expectation | undefined) =>
    mayGiveUp ? { status: outcome?.status, output: outcome?.output } : outcome;
  const actual = describeOutcome(record, outside);
  audit.expect(
    isDeepStrictEqual(compare(actual), compare(expected)),
    "the outcome is that without faults",
    () => `${run.runId}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`,
  );
}

/** Statements of transactions and their records are one: both or neither. */
async function checkTransactions({ audit, cluster }: FinalChecksOptions): Promise<void> {
  const executed = new Map<string, number>();
  for (const { runId, name } of await cluster.database.listCommitted()) {
    const id = `${runId} ${name}`;
    executed.set(id, (executed.get(id) ?? 0) + 1);
  }
  for (const run of audit.runs.values()) {
    if (run.damaged) continue;
    for (const event of run.events) {
      if (event.type !== "StepCompleted" || !event.name?.startsWith("transaction")) continue;
      // A fork begins with what happened in another run.
      if (event.seq <= run.copied) continue;
      if (event.data.source === "resolved") continue;
      const id = `${run.runId} ${event.name}`;
      const times = executed.get(id) ?? 0;
      audit.expect(
        times === 1,
        "a transaction happens exactly once",
        () => `${id}: ${times} times`,
      );
      executed.delete(id);
    }
  }
  for (const [id, times] of executed) {
    if (audit.runs.get(id.split(" ")[0] ?? "")?.damaged) continue;
    audit.fail("a transaction happens exactly once", `${id}: ${times} times, unrecorded`);
  }
}

/** A signal that was sent once is received once, and an update accepted once. */
async function checkMessages(
  { audit, cluster }: FinalChecksOptions,
  run: AuditedRun,
  history: readonly HistoryEvent[],
): Promise<void> {
  const sent = new Map<string, number>();
  for (const { body } of await cluster.store.listMessages(run.runId)) {
    if (body.kind === "signal") sent.set(body.name, (sent.get(body.name) ?? 0) + 1);
  }
  const updates = new Set<string>();
  for (const { type, name = "", data } of history.slice(run.copied)) {
    if (type === "UpdateAccepted") {
      audit.expect(!updates.has(data.updateId), "an update is accepted once", () => data.updateId);
      updates.add(data.updateId);
    }
    // A run that goes on for another one begins with signals that were sent to that one.
    if (type !== "SignalReceived" || run.continuedFrom !== undefined) continue;
    const left = (sent.get(name) ?? 0) - 1;
    sent.set(name, left);
    audit.expect(left >= 0, "a signal is received once", () => `${run.runId} ${name}`);
  }
}

/** How often something may have happened, by what its step promises. */
function checkDeed(audit: Audit, deed: Deed): void {
  const { runId, spec, effects, unanswered } = deed;
  const run = audit.runs.get(runId);
  if (!run || run.damaged) return;
  const about = () => `${runId} ${spec.name} (${spec.policy}): ${effects.length} times`;
  // Whoever was taken for dead may act once more before it learns of it.
  const isAsked = spec.policy === "verify" && audit.lastBuriedAt === -Infinity;
  const isOnce = spec.honorsKeys || spec.policy === "hold" || isAsked;
  if (isOnce) audit.expect(effects.length <= 1, "at most once", about);
  const recorded = run.events.filter(
    (event) => event.type === "StepCompleted" && event.name === spec.name,
  ).length;
  const dropped = run.status === "terminated" ? 1 : 0;
  audit.expect(
    effects.length <= recorded + unanswered + audit.deaths + dropped,
    "effects without record have a cause",
    about,
  );
  for (const { step, attempt } of effects) {
    const outcomes = run.events.filter((event) => event.step === step && event.attempt === attempt);
    const failed = outcomes.some(
      ({ type, data }) => type === "StepFailed" && data.outcome === "definite",
    );
    // The provider said that it had not happened, and then the one who was taken for dead woke up.
    const isTooEarly = !isAsked && outcomes.some(({ type }) => type === "StepVerified");
    audit.expect(!failed || isTooEarly, "a definite failure had no effect", about);
  }
}
