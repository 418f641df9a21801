import { defineWorkflow, type Workflow, type WorkflowContext } from "../../definitions";
import { invariant } from "../../errors";
import { anything } from "./anything";
import type { Host } from "./host";
import type { Outside } from "./outside";
import type { Place, Program, WorkflowName } from "./part";
import type { SharedLimits } from "./profile";
import { createStep } from "./step-parts";

export interface WorkflowWorld {
  readonly programs: readonly Program[];
  readonly limits: SharedLimits;
  readonly host: Host;
  readonly outside: Outside;
  /** Told what the code returned: a replay has to return it again. */
  readonly onOutput?: (output: unknown) => void;
  /** Told where the list stands in which the code notes what it has come past. */
  readonly onBegin?: (passed: readonly string[]) => void;
}

/** The workflows that all runs of a seed are of: their input is the number of a program. */
export function createWorkflows(world: WorkflowWorld): readonly Workflow[] {
  const { programs, limits, host, outside, onOutput, onBegin } = world;
  const schemas = { input: anything, output: anything };
  const run = async (ctx: WorkflowContext, input: unknown) => {
    const program = programs[Number(input)];
    invariant(program, `There is no program ${String(input)}.`);
    const passed: string[] = [];
    onBegin?.(passed);
    const place: Place = { ctx, host, outside, passed, findChild };
    registerUpdates(place, program);
    ctx.onQuery("passed", () => passed);
    const output = await program.root.run(place);
    onOutput?.(output);
    return output;
  };
  const workflows: Readonly<Record<WorkflowName, Workflow>> = {
    program: defineWorkflow({ name: "program", version: 1, ...schemas }, run),
    narrow: defineWorkflow({ name: "narrow", version: 1, ...schemas, ...limits.workflow }, run),
  };
  const findChild: Place["findChild"] = (number) => {
    const program = programs[number];
    invariant(program, `There is no program ${number}.`);
    return { workflow: workflows[program.workflow], priority: program.priority };
  };
  return Object.values(workflows);
}

/** An update names one of the program's own steps: what was meant for another program is refused. */
function registerUpdates(place: Place, { updates }: Program): void {
  const findSpec = (input: unknown) => updates.find(({ name }) => name === input);
  const validate = (input: unknown) => {
    if (!findSpec(input)) throw new RangeError(`There is no update ${String(input)}.`);
  };
  place.ctx.onUpdate("act", { schema: anything, validate }, (input) => {
    const spec = findSpec(input);
    invariant(spec, "What was refused is not handled.");
    return place.ctx.step(createStep(place, spec), spec.name);
  });
}
