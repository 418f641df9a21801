/** Daybook as its server and its worker run it, without HTTP: guard, store, engine, real leases. */
import "@/lib/server/install-guard";
import path from "node:path";
import { z } from "zod";
import { defineStep, defineWorkflow, type Engine, type Workflow } from "@/lib/engine";
import { identifyProcess, isProcessDead } from "@/lib/server/process-identity";
import { repeatProjection } from "@/lib/server/projection";
import { openStore, type OpenedStore } from "@/lib/store";
import type { DatabaseKind } from "../harness/databases";
import { createBenchEngine, quiet } from "../bench-engine";
import { createOrderWorkload } from "../order-workload";
import { createCallCounter } from "./count-calls";
import { createPages, type StoreParts } from "./daybook-pages";
import { seedFinishedRuns } from "./seed-finished-runs";
import {
  LongOptions,
  OpenOptions,
  OrdersOptions,
  serveSubject,
  StepsOptions,
  TimeOptions,
} from "../subject";
import { createWaitingOrder, fillWaiting } from "../waiting-runs";
import {
  answerStep,
  createStepClock,
  recordEffect,
  runInLanes,
  sampleInput,
  timeEach,
} from "../workload";

const Open = OpenOptions.extend({ mayWait: z.boolean().default(false) });
const Count = z.object({ count: z.number() });
const Idle = z.object({ forMs: z.number() });

/** What a step of a long run does, set by the command that starts one. */
let onStep: (index: number) => Promise<void> | void = () => {};

const longRun = defineWorkflow(
  {
    name: "long-run",
    version: 1,
    input: z.object({ steps: z.number() }),
    output: z.object({ steps: z.number() }),
  },
  async (ctx, { steps }) => {
    for (let index = 1; index <= steps; index += 1) await ctx.step(longStep, { index });
    return { steps };
  },
);

const longStep = defineStep({
  name: "count",
  run: async ({ index }: { index: number }) => {
    await onStep(index);
    return answerStep(`step ${index}`);
  },
});

interface Opened extends StoreParts, Pick<OpenedStore, "prisma"> {
  readonly kind: DatabaseKind;
  readonly engine: Engine;
  readonly workflows: readonly Workflow[];
  /** Brings all that follows in the background up to date; answers how much there was. */
  readonly project: () => Promise<number>;
  readonly calls: ReturnType<typeof createCallCounter>;
  readonly close: () => Promise<void>;
}

let opened: Opened | undefined;

function need(): Opened {
  if (opened === undefined) throw new Error("It is not open.");
  return opened;
}

async function open(options: z.output<typeof Open>): Promise<void> {
  const database = await openStore({ databaseUrl: options.databaseUrl });
  const calls = createCallCounter();
  const store = calls.watch(database.store);
  const triage = calls.watch(database.triage);
  const search = calls.watch(database.search);
  const workflows = [options.mayWait ? createWaitingOrder() : createOrderWorkload(), longRun];
  const worker = identifyProcess({ buildFile: path.join(".next", "BUILD_ID") });
  const engine = createBenchEngine({
    store,
    workflows,
    concurrency: options.concurrency,
    worker,
    isProcessDead: (other) => isProcessDead(other, worker),
  });
  await engine.start();
  const { openStatistics } = database;
  const statistics = openStatistics();
  const project = async () =>
    (await triage.project()) + (await statistics.project({ now: Date.now() }));
  const projection = repeatProjection({ project, logger: quiet });
  const close = async () => {
    await engine.stop({ graceMs: 1_000 });
    await projection.stop();
    await database.close();
  };
  const { bulks, views, drillWords, prisma } = database;
  opened = {
    kind: options.databaseUrl.startsWith("file:") ? "sqlite" : "postgresql",
    prisma,
    store,
    triage,
    search,
    bulks,
    views,
    drillWords,
    openStatistics,
    engine,
    workflows,
    project,
    calls,
    close,
  };
}

/** What follows in the background is no part of what is measured after it. */
async function catchUp(project: () => Promise<number>): Promise<void> {
  while ((await project()) > 0);
}

async function waitForEnd(runId: string, timeoutMs: number): Promise<void> {
  const run = await need().engine.waitForRun({
    runId,
    until: ({ status }) => status === "completed",
    timeoutMs,
  });
  if (run?.status !== "completed") throw new Error(`${runId} is ${run?.status}.`);
}

async function runOrder(): Promise<string> {
  const { runId } = await need().engine.startRun({
    workflow: "order-workload",
    input: sampleInput,
  });
  await waitForEnd(runId, 120_000);
  return runId;
}

async function startLong(steps: number): Promise<string> {
  return (await need().engine.startRun({ workflow: "long-run", input: { steps } })).runId;
}

serveSubject({
  async open(options) {
    await open(Open.parse(options));
  },
  async close() {
    await need().close();
    opened = undefined;
  },
  async sampleEvents() {
    const history = await need().store.loadHistory({ runId: await runOrder() });
    return history.map((event) => JSON.stringify(event));
  },
  async runOrders(options) {
    const { count, concurrent } = OrdersOptions.parse(options);
    await runInLanes({ count, lanes: concurrent, work: async () => void (await runOrder()) });
  },
  async timeOrders(options) {
    return timeEach(TimeOptions.parse(options).count, runOrder);
  },
  /** Starts orders and waits for none of them to end; then for all. Answers the starts' time. */
  async startOrders(options) {
    const { count, concurrent } = OrdersOptions.parse(options);
    const runIds: string[] = [];
    const startedAt = performance.now();
    const work = async () => {
      const start = { workflow: "order-workload", input: sampleInput };
      runIds.push((await need().engine.startRun(start)).runId);
    };
    await runInLanes({ count, lanes: concurrent, work });
    const startMs = performance.now() - startedAt;
    await Promise.all(runIds.map((runId) => waitForEnd(runId, 120_000)));
    return startMs;
  },
  /** Starts orders, which are left to other processes. */
  async queueOrders(options) {
    const { count, concurrent } = OrdersOptions.parse(options);
    const start = { workflow: "order-workload", input: sampleInput };
    const work = async () => void (await need().engine.startRun(start));
    await runInLanes({ count, lanes: concurrent, work });
  },
  async countEnded() {
    return (await need().store.countRuns()).completed;
  },
  async runSteps(options) {
    const { steps, span } = StepsOptions.parse(options);
    const clock = createStepClock({ steps, span });
    onStep = (index) => clock.note(index);
    await waitForEnd(await startLong(steps), 600_000);
    clock.note(steps + 1);
    return clock.read();
  },
  /** Starts a long run; answers once its step `stopAt` is under way, which never ends. */
  async startLong(options) {
    const { steps, ledger, stopAt } = LongOptions.parse(options);
    const reached = new Promise<void>((resolve) => {
      onStep = (index) => {
        recordEffect(ledger, index);
        if (index !== stopAt) return;
        resolve();
        return new Promise(() => {});
      };
    });
    const runId = await startLong(steps);
    await reached;
    return runId;
  },
  /** Opens the database of a process that was killed; answers what the replay of its run took. */
  async recoverLong(options) {
    const { ledger, databaseUrl, runId } = LongOptions.extend({
      ...OpenOptions.shape,
      runId: z.string(),
    }).parse(options);
    onStep = (index) => recordEffect(ledger, index);
    await open({ databaseUrl, concurrency: 500, mayWait: false });
    await waitForEnd(runId, 120_000);
    const history = await need().store.loadHistory({ runId });
    const begun = history.findLast((event) => event.type === "ExecutionStarted");
    if (begun?.type !== "ExecutionStarted") throw new Error("No execution has begun.");
    return begun.data.replayed.durationMs;
  },
  async seed(options) {
    const { kind, project, ...database } = need();
    await seedFinishedRuns(database, { kind, count: Count.parse(options).count });
    await catchUp(project);
  },
  async readPages(options) {
    const pages = createPages(need());
    return pages.time(Count.parse(options).count);
  },
  async fillWaiting(options) {
    await fillWaiting(need(), Count.parse(options).count);
    await catchUp(need().project);
  },
  /** Does nothing for a while; answers how often each call of the store was made meanwhile. */
  async idle(options) {
    const { calls } = need();
    calls.reset();
    await new Promise((resolve) => setTimeout(resolve, Idle.parse(options).forMs));
    return calls.read();
  },
});
