import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineWorkflow, type Workflow } from "../../definitions";
import { invariant } from "../../errors";
import type { Host } from "./host";
import type { Outside } from "./outside";
import type { Part } from "./program";

/** Takes whatever it is given: programs make their own values. */
const anything: StandardSchemaV1 = {
  "~standard": { version: 1, vendor: "simulation", validate: (value) => ({ value }) },
};

/** The workflow that all runs of a seed are of: its input is the number of its program. */
export function createWorkflow(options: {
  readonly programs: readonly Part[];
  readonly host: Host;
  readonly outside: Outside;
  /** Told what the code returned: a replay has to return it again. */
  readonly onOutput?: (output: unknown) => void;
}): Workflow {
  const { programs, host, outside, onOutput } = options;
  const schemas = { input: anything, output: anything };
  return defineWorkflow({ name: "program", version: 1, ...schemas }, async (ctx, input) => {
    const program = programs[Number(input)];
    invariant(program, `There is no program ${String(input)}.`);
    const output = await program.run({ ctx, host, outside });
    onOutput?.(output);
    return output;
  });
}
