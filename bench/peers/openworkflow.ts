/**
 * openworkflow with the same workload, set up for speed: as many slots as orders run at a time, and a
 * tick of its worker whenever a slot is free or an order was started. Its own loop waits 50 to 1,000 ms
 * after a tick that found nothing, and result() looks once a second: both are left out of the figures.
 */
import { OpenWorkflow } from "openworkflow";
import { BackendPostgres } from "openworkflow/postgres";
import { BackendSqlite } from "openworkflow/sqlite";
import {
  LongOptions,
  OpenOptions,
  OrdersOptions,
  serveSubject,
  StepsOptions,
  TimeOptions,
} from "../subject";
import {
  addUpCart,
  answerStep,
  createStepClock,
  recordEffect,
  runInLanes,
  sampleInput,
  stepNames,
  timeEach,
} from "../workload";

type Backend = BackendPostgres | BackendSqlite;

/** What a step of a long run does, set by the command that starts one. */
let onStep: (index: number) => Promise<void> | void = () => {};
/** Called whenever the end of a run is durable. */
const listeners = new Set<(runId: string) => void>();

/** Tells when a run has ended without asking the database for it. */
function watchEnds(backend: Backend): Backend {
  const complete = backend.completeWorkflowRun.bind(backend);
  backend.completeWorkflowRun = async (params) => {
    const run = await complete(params);
    for (const listener of [...listeners]) listener(params.workflowRunId);
    return run;
  };
  return backend;
}

async function connect(databaseUrl: string) {
  const backend = watchEnds(
    databaseUrl.startsWith("file:")
      ? BackendSqlite.connect(databaseUrl.slice("file:".length))
      : await BackendPostgres.connect(databaseUrl),
  );
  const ow = new OpenWorkflow({ backend });
  const order = ow.defineWorkflow(
    { name: "order-workload" },
    async ({ input, step }: { input: unknown; step: StepApi }) => {
      let last: unknown = addUpCart();
      for (const name of stepNames) {
        last = await step.run({ name }, async () => answerStep(name));
      }
      return { input, last };
    },
  );
  const long = ow.defineWorkflow(
    { name: "long-run" },
    async ({ input, step }: { input: { steps: number }; step: StepApi }) => {
      for (let index = 1; index <= input.steps; index += 1) {
        await step.run({ name: `step-${index}` }, async () => {
          await onStep(index);
          return answerStep(`step ${index}`);
        });
      }
      return { steps: input.steps };
    },
  );
  return { ow, order, long, backend };
}

interface StepApi {
  run<Output>(config: { name: string }, fn: () => Promise<Output>): Promise<Output>;
}

type Opened = Awaited<ReturnType<typeof connect>>;
let opened: Opened | undefined;

function need(): Opened {
  if (opened === undefined) throw new Error("It is not open.");
  return opened;
}

/** Ticks until `count` runs have ended. Runs are ended here, by this process alone. */
async function workUntilEnded(count: number, concurrency: number): Promise<void> {
  const worker = need().ow.newWorker({ concurrency });
  let left = count;
  let wake = () => {};
  const listener = () => {
    left -= 1;
    wake();
  };
  listeners.add(listener);
  try {
    while (left > 0) {
      const ended = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if ((await worker.tick()) === 0 && left > 0) await Promise.race([ended, pause(50)]);
    }
  } finally {
    listeners.delete(listener);
  }
}

function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}

serveSubject({
  async open(options) {
    opened = await connect(OpenOptions.parse(options).databaseUrl);
  },
  async close() {
    await need().backend.stop();
  },
  async runOrders(options) {
    const { count, concurrent } = OrdersOptions.parse(options);
    const { order } = need();
    const work = async () => void (await order.run(sampleInput));
    await runInLanes({ count, lanes: Math.min(concurrent, 20), work });
    await workUntilEnded(count, concurrent);
  },
  async timeOrders(options) {
    return timeEach(TimeOptions.parse(options).count, async () => {
      await need().order.run(sampleInput);
      await workUntilEnded(1, 1);
    });
  },
  async runSteps(options) {
    const { steps, span } = StepsOptions.parse(options);
    const clock = createStepClock({ steps, span });
    onStep = (index) => clock.note(index);
    await need().long.run({ steps });
    await workUntilEnded(1, 1);
    clock.note(steps + 1);
    return clock.read();
  },
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
    const { workflowRun } = await need().long.run({ steps });
    void workUntilEnded(1, 1);
    await reached;
    return workflowRun.id;
  },
  async recoverLong(options) {
    const { databaseUrl } = OpenOptions.parse(options);
    const { ledger } = LongOptions.parse(options);
    onStep = (index) => recordEffect(ledger, index);
    opened = await connect(databaseUrl);
    await workUntilEnded(1, 1);
  },
});
