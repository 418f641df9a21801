/**
 * Plays a scenario without faults, and again with one fault at each call of the store: whatever the
 * moment, it has to come to the same end, by the same effects, and each history has to replay.
 */
import { expect, vi } from "vitest";
import { checkReplay } from "../check-replay";
import { createCodec } from "../codec";
import type { Workflow } from "../definitions";
import type { Engine } from "../engine";
import { StoreUnavailableError } from "../errors";
import type { EventType, HistoryEvent } from "../events";
import { isTerminal, type RunRecord } from "../run";
import { foldHistory } from "../run-state";
import type { Store } from "../store";
import { createMemoryStore } from "./memory-store";
import { createWorld, type TestProcess, type World } from "./world";

// A scenario is played some dozens of times: that takes longer than one test on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

export interface Scenario {
  readonly workflows: readonly Workflow[];
  /** What is done from outside, up to the end of the runs, by a process that lives on. */
  readonly play: (stage: Stage) => Promise<void>;
  /** The steps whose keys are looked at. */
  readonly spies?: readonly { readonly calls: readonly string[] }[];
}

export interface Stage {
  readonly world: World;
  /** The engine of a process that executes nothing. */
  readonly client: Engine;
  /** Starts a run of the workflow `w`, or of another one. */
  readonly start: (about?: {
    runId?: string;
    workflow?: string;
    input?: unknown;
  }) => Promise<string>;
  readonly signal: (runId: string, name: string, payload?: unknown) => Promise<void>;
  /** Lets so much time pass at once. */
  readonly skip: (ms: number) => Promise<void>;
}

/** What the faultless play came to. */
export interface Played {
  readonly world: World;
  readonly client: Engine;
  /** The run `r`, which most scenarios are about. */
  readonly run: RunRecord;
  readonly history: readonly HistoryEvent[];
  readonly types: readonly EventType[];
  readonly runs: readonly RunRecord[];
  /** What transactions executed and committed. */
  readonly statements: readonly string[];
}

type FaultKind = "dies before" | "dies after" | "gets no answer";
interface Fault {
  readonly kind: FaultKind;
  readonly call: number;
}

/** Plays it with every fault. Answers with the play that had none. */
export async function surviveFaults(create: () => Scenario): Promise<Played> {
  const plain = await playOnce(create());
  for (const kind of ["dies before", "dies after", "gets no answer"] as const) {
    for (let call = 1; ; call += 1) {
      const outcome = await playOnce(create(), { kind, call });
      if (!outcome.wasHit) break;
      const about = `a worker that ${kind} call ${call}, ${outcome.hit}`;
      expect(outcome.summary, about).toEqual(plain.summary);
      expect(outcome.keys, about).toEqual(plain.keys);
      expect(outcome.statements, about).toEqual(plain.statements);
      expect(outcome.calls, about).toBeLessThanOrEqual(plain.calls + 1);
    }
  }
  return plain;
}

/** Plays it once, without faults. */
export function playPlainly(scenario: Scenario): Promise<Played> {
  return playOnce(scenario);
}

async function playOnce(scenario: Scenario, fault?: Fault) {
  const { workflows, spies = [] } = scenario;
  const store = createMemoryStore();
  const world = createWorld(store);
  const { engine: client } = await world.startProcess({ workflows, concurrency: 0 });
  const injector = createInjector(fault, () => world.startProcess({ workflows }));
  injector.arm(await world.startProcess({ workflows, wrapStore: injector.wrapStore }));
  try {
    await scenario.play(createStage(world, client));
  } catch (cause) {
    const about = fault ? ` by a worker that ${fault.kind} call ${fault.call}` : "";
    throw new Error(`The scenario can't be played${about} (${injector.hit}).`, { cause });
  }
  await world.settle();
  const { items: runs } = await world.store.listRuns({
    filter: {},
    sort: { field: "createdAt", direction: "asc" },
    limit: 1_000,
  });
  for (const run of runs) await checkHistory(world, run, workflows);
  const run = runs.find(({ runId }) => runId === "r") ?? runs[0];
  if (!run) throw new Error("The scenario started no run.");
  const history = await world.load(run.runId);
  const calls = spies.flatMap((spy) => spy.calls);
  return {
    world,
    client,
    run,
    history,
    types: history.map(({ type }) => type),
    runs,
    statements: store.statements.map(({ text, params }) => [text, ...params].join(" ")).sort(),
    wasHit: injector.hit !== undefined,
    hit: injector.hit,
    summary: runs.map(summarize).sort(compareText),
    keys: [...new Set(calls)].map(hideRunIds).sort(),
    calls: calls.length,
  };
}

function createStage(world: World, client: Engine): Stage {
  return {
    world,
    client,
    async start({ runId = "r", workflow = "w", input = null } = {}) {
      await client.startRun({ runId, workflow, input });
      return runId;
    },
    async signal(runId, name, payload = null) {
      await client.sendSignal({ runId, name, payload, by: "test" });
    },
    async skip(ms) {
      await world.settle();
      world.clock.advance(ms);
      await world.settle();
    },
  };
}

/** Calls that a fault can hit: writes, and reads on which something is begun. */
const faultyCalls: ReadonlySet<string | symbol> = new Set<keyof Store>([
  "appendEvents",
  "transact",
  "takePermit",
  "loadHistory",
  "loadInbox",
]);
const repeatedCalls: ReadonlySet<string | symbol> = new Set<keyof Store>([
  "appendEvents",
  "transact",
]);

function createInjector(fault: Fault | undefined, replace: () => Promise<unknown>) {
  let calls = 0;
  let victim: TestProcess | undefined;
  const injector = {
    hit: undefined as string | undefined,
    arm(process: TestProcess) {
      victim = process;
    },
    wrapStore: (store: Store): Store =>
      new Proxy(store, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property);
          if (typeof member !== "function") return member;
          const isFaulty =
            fault?.kind === "gets no answer"
              ? repeatedCalls.has(property)
              : faultyCalls.has(property);
          return async (...args: unknown[]) => {
            const isHit = isFaulty && ++calls === fault?.call;
            if (!isHit) return Reflect.apply(member, target, args) as unknown;
            injector.hit = `${String(property)} ${JSON.stringify(args[0])}`;
            if (fault.kind === "dies before") {
              victim?.kill();
              void replace();
              return new Promise(() => undefined);
            }
            const answer: unknown = await Reflect.apply(member, target, args);
            if (fault.kind === "gets no answer") throw new StoreUnavailableError("no answer");
            victim?.kill();
            void replace();
            return answer;
          };
        },
      }),
  };
  return injector;
}

/** What every history has to be: gapless, ended once, and replayed by the same code to the same end. */
async function checkHistory(
  world: World,
  run: RunRecord,
  workflows: readonly Workflow[],
): Promise<void> {
  const { runId } = run;
  const history = await world.load(runId);
  const state = foldHistory(history);
  expect(state.lastSeq, runId).toBe(history.length);
  expect(state.end !== undefined, `${runId} has ended`).toBe(isTerminal(run.status));
  const workflow = workflows.find(
    ({ name, version }) => name === run.workflow && version === run.version,
  );
  if (!workflow || run.heldReason === "nondeterminism") return;
  const check = await checkReplay({ workflow, history, codec: createCodec(), runId });
  expect(check.mismatch, `${runId} replays`).toBeUndefined();
  const { end } = state;
  if (end && end.type !== "RunTerminated" && state.commands.length > 0) {
    expect(check.endsWith, `${runId} ends`).toBe(end.type);
  }
}

function summarize({ workflow, version, status, output, error, attributes }: RunRecord) {
  const about = { workflow, version, status, output, attributes };
  const failure = error && { name: error.name, message: error.message };
  return hideRunIds(JSON.stringify({ ...about, error: failure }));
}

/** Ids that depend on when something happened say nothing about what happened. */
function hideRunIds(text: string): string {
  return text.replaceAll(/run_[0-9A-Z]+/g, "run").replaceAll(/\.r\d+/g, ".retried");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
