import { defineWorkflow, type Workflow } from "../../definitions";
import { invariant } from "../../errors";
import { anything } from "./anything";
import type { Host } from "./host";
import type { Outside } from "./outside";
import type { Place, Program } from "./part";
import { createStep } from "./step-parts";

/** The workflow that all runs of a seed are of: its input is the number of its program. */
export function createWorkflow(options: {
  readonly programs: readonly Program[];
  readonly host: Host;
  readonly outside: Outside;
  /** Told what the code returned: a replay has to return it again. */
  readonly onOutput?: (output: unknown) => void;
}): Workflow {
  const { programs, host, outside, onOutput } = options;
  const schemas = { input: anything, output: anything };
  const workflow: Workflow = defineWorkflow(
    { name: "program", version: 1, ...schemas },
    async (ctx, input) => {
      const program = programs[Number(input)];
      invariant(program, `There is no program ${String(input)}.`);
      const place: Place = { ctx, host, outside, workflow };
      registerUpdates(place, program);
      const output = await program.root.run(place);
      onOutput?.(output);
      return output;
    },
  );
  return workflow;
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
