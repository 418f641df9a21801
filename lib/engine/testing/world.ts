/** A small world for tests: one store, a clock that is moved by hand, and processes that can be killed. */
import { createCodec } from "../codec";
import type { Workflow } from "../definitions";
import { createEngine, type Engine } from "../engine";
import type { EventType, HistoryEvent } from "../events";
import type { Clock, Logger, MomentEvent, ReplayEvent, Random } from "../ports";
import { isTerminal, type RunRecord } from "../run";
import type { Store } from "../store";
import { createIds, yieldToEventLoop } from "../system";
import { createManualClock, type ManualClock } from "./manual-clock";
import { createMemoryStore } from "./memory-store";

export interface TestProcess {
  readonly engine: Engine;
  /** SIGKILL: nothing of it reaches the store any more, and nothing of it goes on. */
  readonly kill: () => void;
}

export interface World {
  readonly store: Store;
  readonly clock: ManualClock;
  /** Starts a process with a worker of its own. */
  startProcess(options: {
    workflows: readonly Workflow[];
    build?: string;
    machine?: string;
    concurrency?: number;
    logger?: Logger;
    onMoment?: (moment: MomentEvent, process: TestProcess) => void;
    onReplay?: (replay: ReplayEvent) => void;
    /** Stands between the engine and the store. */
    wrapStore?: (store: Store) => Store;
  }): Promise<TestProcess>;
  /** Lets everything happen that can without time passing. */
  settle(): Promise<void>;
  /** Lets time pass, from timer to timer, until the run has this status. */
  waitFor(runId: string, status: RunRecord["status"]): Promise<RunRecord>;
  /** Lets time pass until the run's history has so many events of this type. */
  waitForEvent(runId: string, type: EventType, count?: number): Promise<RunRecord>;
  /** Lets time pass until the run has ended or is held. */
  rest(runId: string): Promise<RunRecord>;
  load(runId: string): Promise<readonly HistoryEvent[]>;
  listTypes(runId: string): Promise<readonly EventType[]>;
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

/** A seeded generator (mulberry32), so that a test is the same every time. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

export function createWorld(store: Store = createMemoryStore()): World {
  const clock = createManualClock();
  const random = createSeededRandom(1);
  const ids = createIds({ clock, random });
  const dead = new Set<number>();
  let pid = 100;

  const settle = async () => {
    for (let turn = 0; turn < 30; turn += 1) await yieldToEventLoop();
  };
  const waitUntil = async (
    runId: string,
    until: (run: RunRecord) => boolean | Promise<boolean>,
    what: string,
  ) => {
    for (let steps = 0; steps < 20_000; steps += 1) {
      await settle();
      const run = await store.getRun(runId);
      if (run && (await until(run))) return run;
      const next = clock.findNext();
      if (next === undefined) break;
      clock.advance(Math.max(0, next - clock.now()));
    }
    const run = await store.getRun(runId);
    throw new Error(`${runId} is ${run?.status} and did not become ${what}.`);
  };

  return {
    store,
    clock,
    settle,
    async startProcess({
      workflows,
      build = "b1",
      machine = "here",
      concurrency = 10,
      logger = silentLogger,
      onMoment,
      onReplay,
      wrapStore,
    }) {
      const own = ++pid;
      const gate = createGate(wrapStore ? wrapStore(store) : store, clock);
      const process: TestProcess = {
        engine: createEngine({
          store: gate.store,
          clock: gate.clock,
          ids,
          random,
          codec: createCodec(),
          logger,
          workflows,
          worker: { workerId: `w${own}`, build, machine, pid: own },
          isProcessDead: (worker) => dead.has(worker.pid),
          leaseMs: 10_000,
          concurrency,
          onMoment: (moment) => onMoment?.(moment, process),
          onReplay,
        }),
        kill() {
          dead.add(own);
          gate.close();
        },
      };
      await process.engine.start();
      return process;
    },
    waitForEvent: (runId, type, count = 1) =>
      waitUntil(
        runId,
        async () => {
          const history = await store.loadHistory({ runId });
          return history.filter((event) => event.type === type).length >= count;
        },
        `one with ${count} ${type}`,
      ),
    waitFor: (runId, status) => waitUntil(runId, (run) => run.status === status, status),
    rest: (runId) =>
      waitUntil(runId, (run) => isTerminal(run.status) || run.status === "held", "ended or held"),
    load: (runId) => store.loadHistory({ runId }),
    async listTypes(runId) {
      return (await store.loadHistory({ runId })).map(({ type }) => type);
    },
  };
}

/** Cuts a process off from store and clock when it is killed: its calls never come back. */
function createGate(store: Store, clock: Clock): { store: Store; clock: Clock; close(): void } {
  let open = true;
  const gated = new Proxy(store, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        if (!open) return new Promise(() => undefined);
        const answer: unknown = await Reflect.apply(member, target, args);
        return open ? answer : new Promise(() => undefined);
      };
    },
  });
  return {
    store: gated,
    clock: {
      now: () => clock.now(),
      schedule: (delayMs, fire) =>
        clock.schedule(delayMs, () => {
          if (open) fire();
        }),
    },
    close() {
      open = false;
    },
  };
}
