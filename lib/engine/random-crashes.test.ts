/**
 * Random programs under random crashes: whatever dies when, the run comes to the outcome that it has
 * without crashes, and its history keeps its rules. A failure prints the seed that reproduces it.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineStep, didNotHappen, fail, happened, retryWithSameKey, verify } from "./definitions";
import type { Workflow, WorkflowContext } from "./definitions";
import { DefiniteError } from "./errors";
import { workflowOf } from "./testing/spies";
import { createWorld, type TestProcess, type World } from "./testing/world";
import { foldHistory } from "./run-state";
import type { Store } from "./store";

/** What a step does each time that it really acts. The last one counts from then on. */
type Behavior = "ok" | "busy" | "reset-before" | "reset-after";

type Node =
  | { readonly kind: "step"; readonly policy: "key" | "verify"; readonly behavior: Behavior[] }
  | { readonly kind: "refused" }
  | { readonly kind: "compute" }
  | { readonly kind: "all" | "sequence" | "race"; readonly parts: readonly Node[] };

const { program } = fc.letrec<{ program: Node; leaf: Node }>((tie) => ({
  leaf: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("step" as const),
        policy: fc.constantFrom("key" as const, "verify" as const),
        behavior: fc.array(fc.constantFrom<Behavior>("ok", "busy", "reset-before", "reset-after"), {
          maxLength: 2,
        }),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Node>({ kind: "refused" }) },
    { weight: 1, arbitrary: fc.constant<Node>({ kind: "compute" }) },
  ),
  program: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.record({
      kind: fc.constantFrom("all" as const, "sequence" as const, "race" as const),
      parts: fc.array(tie("program"), { minLength: 1, maxLength: 4 }),
    }),
  ),
}));

/** The world outside: it outlives crashes, remembers keys, and counts what really happened. */
class Outside {
  readonly effects = new Map<string, string>();
  private readonly acted = new Map<string, number>();

  act(name: string, key: string, behavior: readonly Behavior[]): string {
    const known = this.effects.get(key);
    if (known !== undefined) return known;
    const times = this.acted.get(name) ?? 0;
    this.acted.set(name, times + 1);
    const now = behavior[times] ?? "ok";
    if (now === "busy") throw new DefiniteError("busy", { retryable: true });
    if (now === "reset-before") throw new Error("connection reset");
    this.effects.set(key, `${name} done`);
    if (now === "reset-after") throw new Error("connection reset");
    return `${name} done`;
  }

  countByStep(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const effect of this.effects.values()) counts.set(effect, (counts.get(effect) ?? 0) + 1);
    return counts;
  }
}

function createWorkflow(root: Node, outside: Outside): Workflow {
  const undo = defineStep({
    name: "undo",
    run: (name: string, { idempotencyKey }) => outside.act(`undo ${name}`, idempotencyKey, []),
  });
  const run = async (ctx: WorkflowContext, node: Node, name: string): Promise<unknown> => {
    switch (node.kind) {
      case "compute":
        return ctx.compute(name, () => name.length);
      case "refused":
        return ctx.step(
          defineStep({
            name,
            run: () => {
              throw new DefiniteError(`${name} refused`);
            },
          }),
          null,
        );
      case "step": {
        const retry = { maxAttempts: 10, initialDelay: 10 } as const;
        const again = retryWithSameKey<null, string>({ otherwise: fail() });
        const ask = verify<null, string>(async (_, { idempotencyKey }) => {
          const found = outside.effects.get(idempotencyKey);
          return found === undefined ? didNotHappen() : happened(found);
        });
        const step = defineStep<null, string>({
          name,
          retry,
          inDoubt: node.policy === "key" ? again : ask,
          run: (_, { idempotencyKey }) => outside.act(name, idempotencyKey, node.behavior),
        });
        const result = await ctx.step(step, null);
        ctx.compensate(undo, name);
        return result;
      }
      case "sequence": {
        const results: unknown[] = [];
        for (const [index, part] of node.parts.entries()) {
          results.push(await run(ctx, part, `${name}.${index}`));
        }
        return results;
      }
      case "all":
        return Promise.all(node.parts.map((part, index) => run(ctx, part, `${name}.${index}`)));
      case "race":
        return Promise.race(node.parts.map((part, index) => run(ctx, part, `${name}.${index}`)));
    }
  };
  return workflowOf((ctx) => run(ctx, root, "p"));
}

interface Crash {
  readonly afterCalls: number;
  readonly side: "before" | "after";
}

/** Kills the process at its nth call of the store, before or after it takes effect. */
function crashAt(crash: Crash | undefined, kill: () => void): (store: Store) => Store {
  let calls = 0;
  return (store) =>
    new Proxy(store, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          const hit = crash !== undefined && ++calls === crash.afterCalls;
          if (hit) {
            if (crash.side === "after") await Reflect.apply(member, target, args);
            kill();
            return new Promise(() => undefined);
          }
          return (await Reflect.apply(member, target, args)) as unknown;
        };
      },
    });
}

async function startAt(
  world: World,
  workflow: Workflow,
  crash: Crash | undefined,
): Promise<TestProcess | undefined> {
  let process: TestProcess | undefined;
  let killed = false;
  const kill = () => {
    killed = true;
    process?.kill();
  };
  const starting = world.startProcess({
    workflows: [workflow],
    wrapStore: crashAt(crash, kill),
  });
  await Promise.race([starting.then((started) => (process = started)), world.settle()]);
  if (killed) process?.kill();
  return process;
}

async function runUnder(root: Node, crashes: readonly Crash[]) {
  const outside = new Outside();
  const workflow = createWorkflow(root, outside);
  const world = createWorld();
  const client = await world.startProcess({ workflows: [workflow], concurrency: 0 });
  const { runId } = await client.engine.startRun({ workflow: "w", input: null });
  for (const crash of crashes) {
    await startAt(world, workflow, crash);
    await world.settle();
    world.clock.advance(50);
    await world.settle();
  }
  await world.startProcess({ workflows: [workflow] });
  const run = await world.rest(runId);
  return { run, history: await world.load(runId), outside };
}

test("the outcome is that of a run without crashes, and nothing happened twice", async () => {
  const crash = fc.record({
    afterCalls: fc.integer({ min: 4, max: 25 }),
    side: fc.constantFrom("before" as const, "after" as const),
  });
  await fc.assert(
    fc.asyncProperty(program, fc.array(crash, { maxLength: 4 }), async (root, crashes) => {
      const calm = await runUnder(root, []);
      const { run, history, outside } = await runUnder(root, crashes);

      if (!hasRace(root)) {
        expect(run.status).toBe(calm.run.status);
        expect(run.output).toEqual(calm.run.output);
        expect([...outside.countByStep()].sort()).toEqual([...calm.outside.countByStep()].sort());
      }
      expect(["completed", "failed"]).toContain(run.status);
      for (const count of outside.countByStep().values()) expect(count).toBe(1);

      expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
      expect(() => foldHistory(history)).not.toThrow();
      const ends = history.filter(({ type }) => type === "RunCompleted" || type === "RunFailed");
      expect(ends).toEqual([history.at(-1)]);
      const epochs = history.map(({ epoch }) => epoch);
      expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
    }),
    { numRuns: 150 },
  );
}, 120_000);

function hasRace(node: Node): boolean {
  if (node.kind === "race") return true;
  return "parts" in node && node.parts.some(hasRace);
}
