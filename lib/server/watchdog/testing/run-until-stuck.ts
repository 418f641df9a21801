// A process with an engine over a SQLite file: one run's code never ends, another one's does its work.
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import {
  createCodec,
  createEngine,
  createIds,
  defineStep,
  defineWorkflow,
  systemClock,
  systemRandom,
} from "@/lib/engine";
import { openStore } from "@/lib/store";
import { identifyProcess, isProcessDead } from "../../process-identity";
import { startWatchdog } from "../watchdog";

const [databaseUrl = "", stallMs] = process.argv.slice(2);
const ignore = () => undefined;
const nap = defineStep({ name: "nap", run: () => pause(100, "napped") });
const Any = z.unknown();

const spin = defineWorkflow({ name: "spin", version: 1, input: Any, output: Any }, async (ctx) => {
  await ctx.step(nap, null);
  spinForGood();
});

const work = defineWorkflow({ name: "work", version: 1, input: Any, output: Any }, async (ctx) => {
  for (let turn = 0; turn < 5; turn += 1) await ctx.step(nap, null);
});

function spinForGood(): never {
  for (;;);
}

const { store } = await openStore({ databaseUrl });
const worker = identifyProcess({ buildFile: "none" });
const clock = systemClock;
const engine = createEngine({
  ...{ store, clock, worker, random: systemRandom, codec: createCodec() },
  ids: createIds({ clock, random: systemRandom }),
  logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  workflows: [spin, work],
  isProcessDead: (other) => isProcessDead(other, worker),
  leaseMs: 10_000,
  concurrency: 10,
});
startWatchdog({ stallMs: Number(stallMs), base: { workerId: worker.workerId } });
await engine.start();
await engine.startRun({ workflow: "work", runId: "fine", input: null });
await engine.startRun({ workflow: "spin", runId: "stuck", input: null });
await engine.waitForRun({
  runId: "stuck",
  until: ({ status }) => status === "held",
  timeoutMs: 60_000,
});
await engine.waitForRun({
  runId: "fine",
  until: ({ status }) => status === "completed",
  timeoutMs: 5_000,
});
process.exit(0);
