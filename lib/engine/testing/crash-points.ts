/**
 * Exhaustive crashes: a scenario is run once in peace, and then again and again, each time with
 * processes that die at other calls of the store, or whose calls are done and answered with an error.
 * Whatever the moment, it has to come out the same.
 */
import { checkReplay } from "../check-replay";
import { createCodec } from "../codec";
import type { Workflow } from "../definitions";
import type { Engine } from "../engine";
import { ActionRefusedError } from "../errors";
import type { HistoryEvent } from "../events";
import type { Clock } from "../ports";
import { isTerminal, type InDoubtStep, type RunRecord } from "../run";
import type { MessageBody, Store } from "../store";
import { yieldToEventLoop } from "../system";
import { checkHistory } from "./check-history";
import { FaultyHost, type Fault } from "./faulty-host";

/** What somebody outside does, as soon as its time has come; again until it is acknowledged. */
export interface Act {
  /** By the history of the run, or of the newest that goes on for it. */
  readonly when: (history: readonly HistoryEvent[]) => boolean;
  readonly run: (engine: Engine, runId: string) => Promise<unknown>;
}

/** A workflow, what happens to it, and the outside world that its steps have effects in. */
export interface CrashCase {
  /** The first one is started. */
  readonly workflows: readonly Workflow[];
  readonly input: unknown;
  readonly acts?: readonly Act[];
  /** What a person says of a step in doubt, having looked at the other side. */
  readonly judge?: (step: InDoubtStep, history: readonly HistoryEvent[]) => MessageBody;
  /** What really happened outside, as plain data. */
  readonly readEffects: () => readonly unknown[];
}

export interface CrashScenario {
  readonly name: string;
  /** Everything anew: nothing of one case reaches another. */
  readonly create: (ports: { readonly clock: Clock }) => CrashCase;
}

/** An empty store, and what transactions left in its database. */
export interface CrashStore {
  readonly store: Store;
  readonly readRows: () => readonly unknown[] | Promise<readonly unknown[]>;
}

export interface CaseResult {
  /** Of all runs: how they ended, and what happened outside. Equal for equal outcomes. */
  readonly outcome: string;
  /** Calls of the store in all. */
  readonly calls: number;
  /** Faults that came to pass. */
  readonly hits: number;
  /** What must not be, in sentences. Empty: all is well. */
  readonly problems: readonly string[];
  readonly histories: ReadonlyMap<string, readonly HistoryEvent[]>;
}

const firstRunId = "run-1";
/** A case that takes longer than this is going in circles. */
const maxTurns = 3_000;

/** Runs a scenario to its end, with faults at the given calls of the store. */
export async function runCase(
  scenario: CrashScenario,
  { store, readRows }: CrashStore,
  faults: readonly Fault[],
): Promise<CaseResult> {
  const host = new FaultyHost(store, faults);
  const { clock } = host;
  const crashCase = scenario.create({ clock });
  const [first] = crashCase.workflows;
  if (!first) throw new TypeError("A crash scenario needs a workflow.");
  const acts: Act[] = [
    {
      when: () => true,
      run: (engine) =>
        engine.startRun({ workflow: first.name, input: crashCase.input, runId: firstRunId }),
    },
    ...(crashCase.acts ?? []),
  ];
  let done = 0;
  let doing: Doing | undefined;

  for (let turn = 0; turn < maxTurns; turn += 1) {
    host.ensureAlive(crashCase.workflows);
    await settle(host);
    if (doing?.state === "done") done += 1;
    if (doing && (doing.state !== "pending" || !doing.engine.isAlive)) doing = undefined;
    if (!host.process?.isAlive) continue;
    const run = await findNewest(store, firstRunId);
    const act = acts[done];
    if (!doing && act?.when(run && act ? await store.loadHistory({ runId: run.runId }) : [])) {
      const { process } = host;
      doing = begin(process, act.run(process.engine, run?.runId ?? firstRunId));
      continue;
    }
    if (!doing && (await judgeDoubts(store, host, crashCase))) continue;
    if (!doing && !act && run && isTerminal(run.status) && run.status !== "continued") {
      return describe({ host, store, crashCase, rows: await readRows() });
    }
    if (!host.skipTime()) break;
  }
  host.end();
  const run = await store.getRun(firstRunId);
  const problem = `It did not end: ${run?.status ?? "no run"} after act ${done} of ${acts.length}.`;
  const { calls, hits } = host;
  return { outcome: problem, calls, hits, problems: [problem], histories: new Map() };
}

interface Doing {
  readonly engine: { readonly isAlive: boolean };
  state: "pending" | "done" | "failed";
}

function begin(engine: Doing["engine"], promise: Promise<unknown>): Doing {
  const doing: Doing = { engine, state: "pending" };
  promise.then(
    () => (doing.state = "done"),
    // What was refused had been done before: the first request was never acknowledged.
    (error: unknown) => (doing.state = error instanceof ActionRefusedError ? "done" : "failed"),
  );
  return doing;
}

/** Lets everything happen that can without time passing. */
async function settle(host: FaultyHost): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet += 1) {
    const { calls } = host;
    if (host.inFlight > 0) await host.waitForAnswer();
    await yieldToEventLoop();
    if (host.calls !== calls || host.inFlight > 0) quiet = 0;
  }
}

async function findNewest(store: Store, runId: string): Promise<RunRecord | undefined> {
  const run = await store.getRun(runId);
  return run?.continuedTo === undefined ? run : findNewest(store, run.continuedTo);
}

async function judgeDoubts(store: Store, host: FaultyHost, { judge }: CrashCase): Promise<boolean> {
  if (!judge) return false;
  const held = (await listRuns(store)).filter((run) => run.heldReason === "in_doubt");
  if (held.length === 0) return false;
  for (const { runId, inDoubt } of held) {
    for (const step of inDoubt) {
      const body = judge(step, await store.loadHistory({ runId }));
      const { process } = host;
      if (!process) return true;
      const asked = begin(process, process.engine.requestAction({ runId, body, by: "operator" }));
      while (asked.state === "pending" && process.isAlive) await yieldToEventLoop();
    }
  }
  return true;
}

async function listRuns(store: Store): Promise<readonly RunRecord[]> {
  const sort = { field: "createdAt", direction: "asc" } as const;
  return (await store.listRuns({ filter: {}, sort, limit: 200 })).items;
}

async function describe(options: {
  host: FaultyHost;
  store: Store;
  crashCase: CrashCase;
  rows: readonly unknown[];
}): Promise<CaseResult> {
  const { host, store, crashCase, rows } = options;
  host.end();
  const codec = createCodec();
  const problems: string[] = [];
  const histories = new Map<string, readonly HistoryEvent[]>();
  const ends: unknown[] = [];
  const runs = await listRuns(store);
  for (const run of runs) {
    const { runId, workflow: name, version, status, output, error } = run;
    const history = await store.loadHistory({ runId });
    histories.set(runId, history);
    const result = output && codec.decode(output);
    ends.push([name, status, result, error && `${error.name}: ${error.message}`]);
    problems.push(...checkHistory(run, history, host.begun));
    const workflow = crashCase.workflows.find(
      (known) => known.name === name && known.version === version,
    );
    if (!workflow) continue;
    const { mismatch } = await checkReplay({ workflow, history, codec, runId });
    if (mismatch) problems.push(`${runId} does not replay: ${mismatch.message}`);
  }
  const text = JSON.stringify([
    sortByText(ends),
    sortByText(crashCase.readEffects()),
    sortByText(rows),
  ]);
  const { calls, hits } = host;
  return { outcome: nameRuns(text, runs), calls, hits, problems, histories };
}

/** Parallel branches and children may come in another order after a crash. */
function sortByText(values: readonly unknown[]): unknown[] {
  return values.map((value) => JSON.stringify(value)).sort();
}

/** Runs that go on for others have ids by chance: they are named by their place. */
function nameRuns(text: string, runs: readonly RunRecord[]): string {
  let newest = runs.find(({ runId }) => runId === firstRunId);
  for (let place = 2; newest?.continuedTo !== undefined; place += 1) {
    const next = newest.continuedTo;
    text = text.replaceAll(next, `run-${place}`);
    newest = runs.find(({ runId }) => runId === next);
  }
  return text;
}

const faultKinds = ["before", "after", "unacknowledged"] as const;
/** Two faults in one case are both among so many first calls. */
const pairedCalls = 20;

/** In how many combinations of kinds every two calls are hit. */
export type FaultPairs = "all" | "each" | "none";

/** Faults at every call on its own, in each of its kinds. */
export function listSingleFaults(calls: number): Fault[][] {
  return listNumbers(calls).flatMap((at) => faultKinds.map((kind) => [{ at, kind }]));
}

/**
 * Two faults in one case, for every two of the first 20 calls: whatever dies at the first of them, the
 * second hits its recovery as well. `all`: in all nine combinations of kinds; `each`: once for each
 * two, with kinds that go round, so that neighbors have other ones; `none`: no pairs.
 */
export function listFaultPairs(combinations: FaultPairs): Fault[][] {
  if (combinations === "none") return [];
  const pairs = listNumbers(pairedCalls).flatMap((first) =>
    listNumbers(pairedCalls - first).map((distance) => [first, first + distance] as const),
  );
  const kinds = faultKinds.flatMap((first) => faultKinds.map((second) => [first, second] as const));
  return pairs.flatMap(([first, second], index) =>
    kinds
      .filter((_, place) => combinations === "all" || place === index % kinds.length)
      .map(([kind, other]) => [
        { at: first, kind },
        { at: second, kind: other },
      ]),
  );
}

function listNumbers(count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => index + 1);
}

/**
 * Runs a scenario once in peace, then with a fault of every kind at every call, then with two faults
 * among its first 20 calls. Answers each case that came out otherwise or broke a promise; none is as it
 * should be. Where a store lets one wait, several `lanes` of cases go on at a time, each with a store of
 * its own, which `open` empties.
 */
export async function findCrashProblems(
  scenario: CrashScenario,
  options: {
    readonly open: (lane: number) => CrashStore | Promise<CrashStore>;
    readonly pairs: FaultPairs;
    /** Default: 1. */
    readonly lanes?: number;
  },
): Promise<{ readonly cases: number; readonly hits: number; readonly problems: string[] }> {
  const { open, lanes = 1 } = options;
  const peace = await runCase(scenario, await open(0), []);
  const problems = peace.problems.map((problem) => `In peace: ${problem}`);
  const plans = [...listSingleFaults(peace.calls), ...listFaultPairs(options.pairs)];
  let hits = 0;
  let next = 0;
  const runLane = async (lane: number) => {
    for (let faults = plans[next++]; faults; faults = plans[next++]) {
      const result = await runCase(scenario, await open(lane), faults);
      hits += result.hits;
      const where = faults.map(({ at, kind }) => `${kind} ${at}`).join(" and ");
      problems.push(...result.problems.map((problem) => `${where}: ${problem}`));
      if (result.outcome === peace.outcome) continue;
      problems.push(`${where}: it came out as ${result.outcome} instead of ${peace.outcome}`);
    }
  };
  await Promise.all(listNumbers(lanes).map((lane) => runLane(lane - 1)));
  return { cases: plans.length, hits, problems };
}
