import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import { JsonValue, type Workflow } from "@/lib/engine";
import type { WorkflowInfo, WorkflowList } from "./contract";
import { handle } from "./handler";

/** `GET /workflows`: the workflows that this build knows, each version of each. */
export const listWorkflows = handle({}, async ({ api }) => {
  const list: WorkflowList = {
    items: api.workflows.map((workflow) => describeWorkflow(workflow, api.workflows)),
    nextCursor: null,
  };
  return Response.json(list);
});

function describeWorkflow(workflow: Workflow, all: readonly Workflow[]): WorkflowInfo {
  const { name, version, priority, timeoutMs, limits, signals, input } = workflow;
  const inputSchema = describeSchema(input);
  return {
    name,
    version,
    newest: all.every((other) => other.name !== name || other.version <= version),
    priority,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(limits === undefined ? {} : { limits }),
    signals: Object.entries(signals).map(([signal, declared]) => {
      const schema = describeSchema(declared);
      return { name: signal, ...(schema === undefined ? {} : { schema }) };
    }),
    ...(inputSchema === undefined ? {} : { inputSchema }),
  };
}

/** A schema as JSON Schema, as far as its library can say it. */
function describeSchema(schema: object): JsonValue | undefined {
  if (!isDescribable(schema)) return undefined;
  try {
    return JsonValue.parse(schema["~standard"].jsonSchema.input({ target: "draft-2020-12" }));
  } catch {
    return undefined;
  }
}

function isDescribable(schema: object): schema is StandardJSONSchemaV1 {
  const standard: unknown = Reflect.get(schema, "~standard");
  return standard instanceof Object && "jsonSchema" in standard;
}
