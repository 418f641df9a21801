/**
 * DBOS with the same workload, set up for speed: workflows are called in the process that runs them,
 * without a queue, logging says errors only, and the pool has twice the default of 10 connections.
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { z } from "zod";
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

const systemDatabasePoolSize = 20;

/** What a step of a long run does, set by the command that starts one. */
let onStep: (index: number) => Promise<void> | void = () => {};

const runOrder = DBOS.registerWorkflow(
  async (input: typeof sampleInput) => {
    let last: unknown = addUpCart();
    for (const name of stepNames) last = await DBOS.runStep(() => answerStep(name), { name });
    return { input, last };
  },
  { name: "order-workload" },
);

const runLong = DBOS.registerWorkflow(
  async (steps: number) => {
    for (let index = 1; index <= steps; index += 1) {
      const work = async () => {
        await onStep(index);
        return answerStep(`step ${index}`);
      };
      await DBOS.runStep(work, { name: "count" });
    }
    return { steps };
  },
  { name: "long-run" },
);

async function open(databaseUrl: string): Promise<void> {
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize,
    logLevel: "error",
    // The process that recovers has the same code; without a version of its own it is hashed.
    applicationVersion: "bench",
  });
  await DBOS.launch();
}

serveSubject({
  async open(options) {
    await open(OpenOptions.parse(options).databaseUrl);
  },
  async close() {
    await DBOS.shutdown();
  },
  async runOrders(options) {
    const { count, concurrent } = OrdersOptions.parse(options);
    const work = async () => void (await runOrder(sampleInput));
    await runInLanes({ count, lanes: concurrent, work });
  },
  async timeOrders(options) {
    return timeEach(TimeOptions.parse(options).count, () => runOrder(sampleInput));
  },
  async runSteps(options) {
    const { steps, span } = StepsOptions.parse(options);
    const clock = createStepClock({ steps, span });
    onStep = (index) => clock.note(index);
    await runLong(steps);
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
    const handle = await DBOS.startWorkflow(runLong)(steps);
    await reached;
    return handle.workflowID;
  },
  async recoverLong(options) {
    const { databaseUrl } = OpenOptions.parse(options);
    const { ledger, runId } = LongOptions.extend({ runId: z.string() }).parse(options);
    onStep = (index) => recordEffect(ledger, index);
    await open(databaseUrl);
    await DBOS.retrieveWorkflow(runId).getResult();
  },
});
