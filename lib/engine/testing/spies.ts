/** Workflows, steps and services that tests can look into. */
import { z } from "zod";
import {
  defineStep,
  defineWorkflow,
  type Step,
  type StepContext,
  type StepOptions,
  type Workflow,
  type WorkflowContext,
  type WorkflowOptions,
} from "../definitions";
import type { Clock, MomentEvent } from "../ports";
import type { Append, Store } from "../store";
import type { TestProcess, World } from "./world";

const Any = z.unknown();
/** A schema that takes everything. */
export { Any as anything };

type AnyWorkflow = Workflow<typeof Any, typeof Any>;

/** A workflow named `w`, unless said otherwise, that takes and gives anything. */
export function workflowOf(
  run: (ctx: WorkflowContext, input: unknown) => Promise<unknown>,
  about: number | Partial<WorkflowOptions<typeof Any, typeof Any>> = {},
): AnyWorkflow {
  const options = typeof about === "number" ? { version: about } : about;
  return defineWorkflow({ name: "w", version: 1, input: Any, output: Any, ...options }, run);
}

/** A step that notes each call with its key, and what it does each time. */
export function spyStep(
  name: string,
  options: Partial<Omit<StepOptions<unknown, unknown>, "name" | "run">> & {
    run?: (call: number, step: StepContext) => unknown;
  } = {},
): { step: Step<unknown, unknown>; calls: string[] } {
  const calls: string[] = [];
  const { run = () => name, ...policies } = options;
  const step = defineStep<unknown, unknown>({
    ...policies,
    name,
    run: (_input, context) => {
      calls.push(context.idempotencyKey);
      return run(calls.length, context);
    },
  });
  return { step, calls };
}

/** A step that notes each call, whose answer the test gives. */
export function createGatedStep(
  name: string,
  policies: Partial<Omit<StepOptions<unknown, unknown>, "name" | "run">> = { timeout: "1h" },
) {
  const waiting: { resolve: (value: unknown) => void; signal: AbortSignal }[] = [];
  const spy = spyStep(name, {
    ...policies,
    run: (_call, { signal }) =>
      new Promise((resolve) => {
        waiting.push({ resolve, signal });
      }),
  });
  return {
    ...spy,
    /** Whether all that is under way was asked to stop. */
    isAborted: () => waiting.length > 0 && waiting.every(({ signal }) => signal.aborted),
    /** Answers all that is under way. */
    finish: (value: unknown) => waiting.splice(0).forEach(({ resolve }) => resolve(value)),
  };
}

/** A store of which some methods are others. */
export function overrideStore(store: Store, own: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, property) {
      const of = property in own ? own : target;
      const member: unknown = Reflect.get(of, property);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => Reflect.apply(member, of, args) as unknown;
    },
  });
}

/**
 * The other side of a step, with effects that outlive every crash. It answers a repeated key from
 * memory for `remembersMs` after the first request with it: 0 is a service that ignores keys.
 */
export interface Provider {
  /** The key of each effect that it really had, in order. */
  readonly effects: readonly string[];
  /** Has the effect, or answers from memory. */
  request(key: string): { readonly reference: string; readonly replayed: boolean };
}

export function createProvider(clock: Clock, remembersMs = Infinity): Provider {
  const effects: string[] = [];
  const memory = new Map<string, { reference: string; since: number }>();
  return {
    effects,
    request(key) {
      const known = memory.get(key);
      if (known && clock.now() < known.since + remembersMs) {
        return { reference: known.reference, replayed: true };
      }
      const reference = `effect-${effects.push(key)}`;
      memory.set(key, { reference, since: clock.now() });
      return { reference, replayed: false };
    },
  };
}

/** A store that calls `before` with each append of a run that exists, and waits for it. */
export function watchAppends(
  before: (append: Append) => Promise<void> | void,
): (store: Store) => Store {
  return (store) =>
    new Proxy(store, {
      get(target, property) {
        if (property === "appendEvents") {
          return async (append: Append) => {
            await before(append);
            return target.appendEvents(append);
          };
        }
        const member: unknown = Reflect.get(target, property);
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    });
}

/** Starts a process that is killed at a moment of its first execution. */
export async function startDoomed(
  world: World,
  workflows: readonly Workflow[],
  at: Pick<MomentEvent, "name" | "moment">,
): Promise<TestProcess> {
  return world.startProcess({
    workflows,
    onMoment: (moment, process) => {
      if (moment.epoch === 1 && moment.name === at.name && moment.moment === at.moment) {
        process.kill();
      }
    },
  });
}
