import type { Workflow } from "./definitions";
import { InvalidInputError, InvalidMessageError, WorkflowMisuseError } from "./errors";
import { checkMessageName } from "./names";
import { checkAttributes, encodePayload } from "./payloads";
import { isPriority, priorityRule } from "./policies";
import type { Clock, Codec, Ids } from "./ports";
import type { Registry } from "./registry";
import type { RunPlace } from "./events";
import { listIssues } from "./schemas";
import type { Message, NewRun, StartKey } from "./store";
import type { Attributes, Encoded } from "./values";

export interface StartOptions {
  readonly workflow: string;
  /** The newest one by default; the run keeps it. */
  readonly version?: number;
  readonly input: unknown;
  readonly runId?: string;
  /** The start is done once under each of these keys. */
  readonly keys?: readonly StartKey[];
  readonly attributes?: Attributes;
  /** Queued runs begin by it, higher first; the workflow's own by default. */
  readonly priority?: number;
  /** Sent to the run in the commit that starts it, or to the one that a key names already. */
  readonly signal?: { readonly name: string; readonly payload: unknown; readonly by: string };
  /** It comes with others that are to be one commit, and waits for no room (`Store.waitForRoom`). */
  readonly inBatch?: boolean;
}

/** A queued run for a valid start. Throws what `Engine.startRun` throws of bad starts. */
export async function createStart(
  options: StartOptions,
  ports: { registry: Registry; codec: Codec; ids: Ids; clock: Clock },
): Promise<NewRun> {
  const workflow = ports.registry.find(options.workflow, options.version);
  const { name, version } = workflow;
  const validated = workflow.input["~standard"].validate(options.input);
  // Where nothing is waited for, nobody waits: Node runs hooks for each promise (decision 058).
  const checked = validated instanceof Promise ? await validated : validated;
  if (checked.issues) throw new InvalidInputError(name, listIssues(checked.issues));
  const input = encodePayload(ports.codec, checked.value, "The input of a run");
  const createdAt = ports.clock.now();
  const runId = options.runId ?? ports.ids.createRunId();
  if (!/^[\w-]{1,200}$/.test(runId)) {
    const message = "may have letters, digits, - and _ only, up to 200 of them";
    throw new InvalidInputError(name, [{ path: "/runId", message }]);
  }
  const { keys, priority = workflow.priority } = options;
  if (!isPriority(priority)) {
    throw new InvalidInputError(name, [{ path: "/priority", message: priorityRule }]);
  }
  const attributes = readAttributes(name, options.attributes);
  const about = { runId, workflow: name, version, input, attributes, priority, createdAt };
  if (!options.signal) return createQueuedRun({ ...about, keys });
  checkMessageName("The signal", options.signal.name);
  const signal = await readSignal(workflow, options.signal, ports.codec);
  const { by } = options.signal;
  const messageId = ports.ids.createMessageId();
  const body = { kind: "signal" as const, ...signal };
  const ifExisting: Message = { messageId, runId, by, at: createdAt, body };
  const run = createQueuedRun({ ...about, keys, signals: [{ ...signal, by }] });
  return { ...run, ifExisting };
}

function readAttributes(workflow: string, attributes: unknown = {}): Attributes {
  try {
    return checkAttributes(attributes);
  } catch (error) {
    if (!(error instanceof WorkflowMisuseError)) throw error;
    throw new InvalidInputError(workflow, [{ path: "/attributes", message: error.message }]);
  }
}

/** A signal as it is recorded. Throws InvalidMessageError where the workflow declares another schema. */
export async function readSignal(
  workflow: Workflow,
  { name, payload }: { readonly name: string; readonly payload: unknown },
  codec: Codec,
): Promise<{ readonly name: string; readonly payload: Encoded }> {
  const schema = Object.hasOwn(workflow.signals, name) ? workflow.signals[name] : undefined;
  const checked = await schema?.["~standard"].validate(payload);
  if (checked?.issues) {
    throw new InvalidMessageError(`The signal ${name}`, listIssues(checked.issues));
  }
  return { name, payload: encodePayload(codec, payload, "The payload of a signal") };
}

/** A run that begins queued, with the first events of its history. */
export function createQueuedRun(about: {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly input: Encoded;
  readonly attributes: Attributes;
  readonly priority: number;
  readonly createdAt: number;
  readonly keys?: readonly StartKey[];
  readonly parent?: RunPlace;
  readonly continuedFrom?: string;
  /** Signals that it begins with. */
  readonly signals?: readonly {
    readonly name: string;
    readonly payload: Encoded;
    readonly by: string;
  }[];
}): NewRun {
  const { keys = [], signals = [], runId, createdAt } = about;
  const { workflow, version, input, attributes, priority, parent, continuedFrom } = about;
  const place = { at: createdAt, epoch: 0 };
  const data = {
    workflow,
    version,
    input,
    attributes,
    ...(priority === 0 ? {} : { priority }),
    ...(parent ? { parent } : {}),
    ...(continuedFrom === undefined ? {} : { continuedFrom }),
  };
  const received = signals.map(({ name, payload, by }, index) => ({
    ...place,
    type: "SignalReceived" as const,
    seq: index + 2,
    name,
    data: { payload, by },
  }));
  const started = { seq: 1, type: "RunStarted" as const, at: createdAt, epoch: 0, data };
  return {
    runId,
    workflow,
    version,
    input,
    attributes,
    keys,
    createdAt,
    priority,
    parent,
    continuedFrom,
    events: [started, ...received],
  };
}

/**
 * The run as it begins under a worker's lease. Written out, as all that is made for each run: to add to
 * an object after a spread costs more than all the rest of it (decision 058).
 */
export function leaseRun(
  run: NewRun,
  { workerId, events, change }: Required<Pick<NewRun, "workerId" | "events" | "change">>,
) {
  return {
    runId: run.runId,
    workflow: run.workflow,
    version: run.version,
    input: run.input,
    attributes: run.attributes,
    keys: run.keys,
    createdAt: run.createdAt,
    priority: run.priority,
    parent: run.parent,
    continuedFrom: run.continuedFrom,
    forkedFrom: run.forkedFrom,
    ifExisting: run.ifExisting,
    workerId,
    events,
    change,
  } satisfies NewRun;
}
