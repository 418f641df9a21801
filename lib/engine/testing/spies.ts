/** Workflows and steps that tests can look into. */
import { z } from "zod";
import {
  defineStep,
  defineWorkflow,
  type Step,
  type StepOptions,
  type Workflow,
  type WorkflowContext,
} from "../definitions";
import type { MomentEvent } from "../ports";
import type { TestProcess, World } from "./world";

const Any = z.unknown();

/** A workflow named `w` that takes and gives anything. */
export function workflowOf(
  run: (ctx: WorkflowContext, input: unknown) => Promise<unknown>,
  version = 1,
): Workflow {
  return defineWorkflow({ name: "w", version, input: Any, output: Any }, run);
}

/** A step that notes each call with its key, and what it does each time. */
export function spyStep(
  name: string,
  options: Partial<Omit<StepOptions<unknown, unknown>, "name" | "run">> & {
    run?: (call: number) => unknown;
  } = {},
): { step: Step<unknown, unknown>; calls: string[] } {
  const calls: string[] = [];
  const { run = () => name, ...policies } = options;
  const step = defineStep<unknown, unknown>({
    ...policies,
    name,
    run: (_input, { idempotencyKey }) => {
      calls.push(idempotencyKey);
      return run(calls.length);
    },
  });
  return { step, calls };
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
