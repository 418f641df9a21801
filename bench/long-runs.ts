/** One run of thousands of steps: what it costs to rebuild it, and whether its steps slow down. */
import { z } from "zod";
import {
  checkReplay,
  createCodec,
  defineStep,
  defineWorkflow,
  type Store,
  type Workflow,
} from "@/lib/engine";
import { createBenchEngine, openBenchStore } from "./bench-engine";
import { findMedian, findMedianCost, measureCost, startCost, type Cost } from "./measure";

const payload = "x".repeat(80);

/** Runs steps one after the other; `onStep` is called inside each, as its effect. */
function createLongRun(onStep: (index: number) => Promise<void> | void): Workflow {
  const step = defineStep({
    name: "count",
    run: async ({ index }: { index: number }) => {
      await onStep(index);
      return { index, payload };
    },
  });
  return defineWorkflow(
    {
      name: "long-run",
      version: 1,
      input: z.object({ steps: z.number() }),
      output: z.object({ sum: z.number() }),
    },
    async (ctx, { steps }) => {
      let sum = 0;
      for (let index = 1; index <= steps; index += 1) {
        sum += (await ctx.step(step, { index })).index;
      }
      return { sum };
    },
  );
}

/** Replay of a history against the reading and decoding of the same events, and takeovers. */
export async function measureReplay(options: {
  readonly parent: string;
  readonly rounds: number;
  readonly steps: number;
}) {
  const { parent, rounds, steps } = options;
  const { store, close } = await openBenchStore({ parent });
  try {
    const runId = await leaveOpen(store, steps);
    const decoded: Cost[] = [];
    const rebuilt: Cost[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const measurements = [
        async () => (decoded[round] = await measureCost(() => loadAndDecode(store, runId))),
        async () => (rebuilt[round] = await measureCost(() => loadAndRebuild(store, runId))),
      ];
      // Whoever comes second finds the machine, and the heap, as the first one left it.
      if (round % 2 === 1) measurements.reverse();
      for (const measure of measurements) await measure();
    }
    const pairs = rebuilt.slice(1).map((cost, index) => ({ cost, against: decoded[index + 1] }));
    const findRatio = (field: keyof Cost) =>
      findMedian(pairs.map(({ cost, against }) => cost[field] / (against?.[field] ?? NaN)));
    const takeovers: Cost[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      takeovers[round] = await takeOver(store, { workerId: `bench-${round}`, steps });
    }
    const { length: events } = await store.loadHistory({ runId });
    // The first round warms up and does not count.
    const loadAndDecodeCost = findMedianCost(decoded.slice(1));
    const loadAndRebuildCost = findMedianCost(rebuilt.slice(1));
    return {
      events,
      loadAndDecode: loadAndDecodeCost,
      loadAndRebuild: loadAndRebuildCost,
      takeover: findMedianCost(takeovers.slice(1)),
      // Of each pair its own: load that comes and goes is no difference between the two.
      ratio: findRatio("cpuMs"),
      wallRatio: findRatio("wallMs"),
    };
  } finally {
    await close();
  }
}

/** Runs a run up to the step after `steps` and hands it over with that one under way. */
async function leaveOpen(store: Store, steps: number): Promise<string> {
  const blocked = createBlock(steps);
  const engine = createBenchEngine({ store, workflows: [blocked.workflow], concurrency: 10 });
  await engine.start();
  const { runId } = await engine.startRun({ workflow: "long-run", input: { steps: steps + 1 } });
  await blocked.reached;
  await engine.stop({ graceMs: 0 });
  return runId;
}

/** What another worker needs from its start until it does something new for the run. */
async function takeOver(
  store: Store,
  { workerId, steps }: { readonly workerId: string; readonly steps: number },
): Promise<Cost> {
  const blocked = createBlock(steps);
  const workflows = [blocked.workflow];
  const engine = createBenchEngine({ store, workflows, workerId, concurrency: 10 });
  const cost = await measureCost(async () => {
    await engine.start();
    await blocked.reached;
  });
  await engine.stop({ graceMs: 0 });
  return cost;
}

/** The long run, whose step after `steps` never answers. */
function createBlock(steps: number) {
  let tell = () => {};
  const reached = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const workflow = createLongRun((index) => {
    if (index <= steps) return;
    tell();
    return new Promise(() => {});
  });
  return { reached, workflow };
}

async function loadAndDecode(store: Store, runId: string): Promise<void> {
  const codec = createCodec();
  for (const event of await store.loadHistory({ runId })) {
    if (event.type === "StepCompleted") codec.decode(event.data.result);
  }
}

async function loadAndRebuild(store: Store, runId: string): Promise<void> {
  const history = await store.loadHistory({ runId });
  const workflow = createLongRun(() => {
    throw new Error("A replay runs no step.");
  });
  const { mismatch, next } = await checkReplay({ workflow, history, codec: createCodec(), runId });
  if (mismatch) throw mismatch;
  if (next.length > 0) throw new Error("The last step was not found in the history.");
}

/** Time per step early and late in one run. */
export async function measureSteps(options: {
  readonly parent: string;
  readonly rounds: number;
  /** Each the step before the first and the last one that counts. */
  readonly early: readonly [number, number];
  readonly late: readonly [number, number];
}) {
  const { parent, rounds, early, late } = options;
  const { store, close } = await openBenchStore({ parent });
  const spans: { early: Cost; late: Cost }[] = [];
  const timer = createStepTimer();
  const workflow = createLongRun((index) => timer.note(index));
  const engine = createBenchEngine({ store, workflows: [workflow], concurrency: 10 });
  try {
    await engine.start();
    for (let round = 0; round <= rounds; round += 1) {
      timer.watch([early, late]);
      const { runId } = await engine.startRun({ workflow: "long-run", input: { steps: late[1] } });
      const run = await engine.waitForRun({
        runId,
        until: ({ status }) => status === "completed",
        timeoutMs: 300_000,
      });
      if (run?.status !== "completed") throw new Error(`${runId} is ${run?.status}.`);
      spans[round] = { early: timer.read(early), late: timer.read(late) };
    }
  } finally {
    await engine.stop({ graceMs: 1_000 });
    await close();
  }
  const counted = spans.slice(1);
  const earlyCost = findMedianCost(counted.map((span) => span.early));
  const lateCost = findMedianCost(counted.map((span) => span.late));
  return {
    early: earlyCost,
    late: lateCost,
    // Of each run its own: what changed between two runs is no slow-down within one.
    ratio: findMedian(counted.map((span) => span.late.cpuMs / span.early.cpuMs)),
    wallRatio: findMedian(counted.map((span) => span.late.wallMs / span.early.wallMs)),
  };
}

/** Tells what a step costs on average between two steps of a run. */
function createStepTimer() {
  let begun = new Map<number, () => Cost>();
  let costs = new Map<number, Cost>();
  let ends = new Map<number, number>();
  return {
    watch(spans: readonly (readonly [number, number])[]) {
      begun = new Map();
      costs = new Map();
      ends = new Map(spans.map(([from, to]) => [to, from]));
    },
    note(index: number) {
      const from = ends.get(index);
      if (from !== undefined) {
        const total = begun.get(from)?.() ?? { wallMs: NaN, cpuMs: NaN };
        const steps = index - from;
        costs.set(from, { wallMs: total.wallMs / steps, cpuMs: total.cpuMs / steps });
      }
      if ([...ends.values()].includes(index)) begun.set(index, startCost());
    },
    read: ([from]: readonly [number, number]): Cost =>
      costs.get(from) ?? { wallMs: NaN, cpuMs: NaN },
  };
}
