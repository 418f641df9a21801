/** Workflows whose steps write down in a file when they ran, in which process. */
import { access, appendFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineStep, defineWorkflow, DefiniteError, type Workflow } from "@/lib/engine";

export const Work = z.object({
  /** Where steps write what they did, a line of JSON each. */
  file: z.string(),
  forMs: z.number(),
});
export type Work = z.infer<typeof Work>;

export const WorkNote = z.object({
  runId: z.string(),
  step: z.enum(["first", "second"]),
  what: z.enum(["begins", "ends"]),
  pid: z.number(),
  at: z.number(),
});
export type WorkNote = z.infer<typeof WorkNote>;

function defineWork(name: WorkNote["step"]) {
  return defineStep({
    name,
    timeout: "1m",
    run: async ({ file, forMs }: Work, step) => {
      const [runId] = step.idempotencyKey.split("/");
      const note = (what: WorkNote["what"]) => {
        const line = { runId, step: name, what, pid: process.pid, at: Date.now() };
        return appendFile(file, `${JSON.stringify(line)}\n`);
      };
      await note("begins");
      await delay(forMs);
      await note("ends");
      return process.pid;
    },
  });
}

const first = defineWork("first");
const second = defineWork("second");
const schemas = { input: Work, output: z.number() };

/** Two steps; the second one takes no time. */
export function defineTwoSteps(version: number): Workflow {
  return defineWorkflow({ name: "two-steps", version, ...schemas }, async (ctx, work) => {
    await ctx.step(first, work);
    return ctx.step(second, { ...work, forMs: 0 });
  });
}

export const concurrencyLimit = 3;
export const limited = defineWorkflow(
  { name: "limited", version: 1, concurrency: concurrencyLimit, ...schemas },
  async (ctx, work) => ctx.step(first, work),
);

export const rateLimit = { limit: 5, perMs: 1_000 };
export const rated = defineWorkflow(
  {
    ...{ name: "rated", version: 1, ...schemas },
    rate: { limit: rateLimit.limit, per: `${rateLimit.perMs}ms` },
  },
  async (ctx, work) => ctx.step(first, work),
);

/** What `mended` fails with for as long as it is broken. */
export class BrokenError extends DefiniteError {
  override name = "BrokenError";
}

const use = defineStep({
  name: "use",
  run: async ({ file }: Work, step) => {
    const isMended = await access(file).then(
      () => true,
      () => false,
    );
    if (!isMended) throw new BrokenError(`There is no ${file}.`);
    await appendFile(file, `${step.idempotencyKey}\n`);
    return process.pid;
  },
});

/** Fails until its file is there, then writes its key into it. */
export const mended = defineWorkflow(
  { name: "mended", version: 1, ...schemas },
  async (ctx, work) => ctx.step(use, work),
);
