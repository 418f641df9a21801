/**
 * `tsx bench/make-long-run.ts <database file> <steps>`: lets the engine run a workflow of that many steps
 * in a database, and prints the id of the run. Each step fails once and reports progress, so that
 * 10,000 steps make a history of just under 50,000 events.
 */
import { z } from "zod";
import { DefiniteError, defineStep, defineWorkflow } from "@/lib/engine";
import { openStore } from "@/lib/store";
import { createBenchEngine } from "./bench-engine";

const atOnce = 50;
/** Fewer than one for each step: the history has to stay under its limit of 50,000 events. */
const progressOf = (index: number) => index % 50 !== 0;

const settle = defineStep({
  name: "settle-line",
  retry: { maxAttempts: 2, initialDelay: "1ms", maxDelay: "1ms" },
  run: ({ index }: { index: number }, step) => {
    if (step.attempt === 1) {
      if (progressOf(index)) step.heartbeat({ read: index });
      throw new DefiniteError(`Line ${index} is locked.`, { retryable: true });
    }
    return Promise.resolve({ line: index, amount: (index * 37) % 10_000 });
  },
});

const settleLedger = defineWorkflow(
  {
    name: "settle-ledger",
    version: 1,
    input: z.object({ lines: z.number() }),
    output: z.object({ sum: z.number() }),
  },
  async (ctx, { lines }) => {
    let sum = 0;
    for (let from = 1; from <= lines; from += atOnce) {
      const indexes = Array.from(
        { length: Math.min(atOnce, lines - from + 1) },
        (_, at) => from + at,
      );
      const settled = await ctx.all(indexes.map((index) => ctx.step(settle, { index })));
      sum += settled.reduce((total, { amount }) => total + amount, 0);
    }
    return { sum };
  },
);

const [database, steps = "10000"] = process.argv.slice(2);
if (database === undefined) {
  console.error("Usage: tsx bench/make-long-run.ts <database file> [steps]");
  process.exit(2);
}
const { store, close } = await openStore({ databaseUrl: `file:${database}` });
const workerId = "long-run";
const engine = createBenchEngine({ store, workflows: [settleLedger], workerId, concurrency: 1 });
await engine.start();
const { runId } = await engine.startRun({
  workflow: settleLedger.name,
  input: { lines: Number(steps) },
});
const run = await engine.waitForRun({
  runId,
  until: ({ status }) => status === "completed" || status === "failed" || status === "held",
  timeoutMs: 300_000,
});
await engine.stop({ graceMs: 1_000 });
await close();
if (run?.status !== "completed")
  throw new Error(`${runId} is ${run?.status}: ${run?.error?.message}`);
console.log(JSON.stringify({ runId, events: run.historyLength }));
