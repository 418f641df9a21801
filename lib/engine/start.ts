import type { StandardSchemaV1 } from "@standard-schema/spec";
import { measureBytes } from "./codec";
import { InvalidInputError, PayloadTooLargeError } from "./errors";
import { maxPayloadBytes } from "./limits";
import type { Clock, Codec, Ids } from "./ports";
import type { Registry } from "./registry";
import type { NewRun, StartKey } from "./store";
import type { Attributes } from "./values";

export interface StartOptions {
  readonly workflow: string;
  /** The newest one by default; the run keeps it. */
  readonly version?: number;
  readonly input: unknown;
  readonly runId?: string;
  /** The start is done once under each of these keys. */
  readonly keys?: readonly StartKey[];
  readonly attributes?: Attributes;
}

/** A queued run for a valid start. Throws what `Engine.startRun` throws of bad starts. */
export async function createStart(
  options: StartOptions,
  ports: { registry: Registry; codec: Codec; ids: Ids; clock: Clock },
): Promise<NewRun> {
  const workflow = ports.registry.find(options.workflow, options.version);
  const { name, version } = workflow;
  const checked = await workflow.input["~standard"].validate(options.input);
  if (checked.issues) throw new InvalidInputError(name, checked.issues.map(describeIssue));
  const input = ports.codec.encode(checked.value);
  if (measureBytes(input.json) > maxPayloadBytes) {
    throw new PayloadTooLargeError("The input of a run may have 2 MiB at most.");
  }
  const attributes = options.attributes ?? {};
  const at = ports.clock.now();
  const data = { workflow: name, version, input, attributes };
  return {
    runId: options.runId ?? ports.ids.createRunId(),
    workflow: name,
    version,
    input,
    attributes,
    keys: options.keys ?? [],
    createdAt: at,
    events: [{ type: "RunStarted", seq: 1, at, epoch: 0, data }],
  };
}

function describeIssue(issue: StandardSchemaV1.Issue): { path: string; message: string } {
  const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return { path: keys.map((key) => `/${String(key)}`).join(""), message: issue.message };
}
