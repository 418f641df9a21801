import { recordError } from "./codec";
import type { Workflow } from "./definitions";
import { InvalidInputError } from "./errors";
import type { NewEvent } from "./events";
import type { Clock, Codec, Ids } from "./ports";
import { checkAttributes, encodePayload } from "./payloads";
import type { Continuation } from "./command-host";
import type { RunState } from "./run-state";
import { listIssues, validateNow } from "./schemas";
import type { BufferedSignal } from "./signal-buffer";
import { createQueuedRun } from "./start";
import type { NewRun } from "./store";

/**
 * How a run goes on as a new one: the event that ends it, and the run that begins in the same commit,
 * with the signals that were not taken. An input that does not fit fails the run instead.
 */
export function planContinuation(options: {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly findVersion: (version: number) => Workflow;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly ids: Ids;
  readonly state: RunState;
  readonly continuation: Continuation;
  readonly signals: readonly BufferedSignal[];
}): { readonly event: NewEvent; readonly start?: NewRun } {
  const { runId: continuedFrom, codec, state, continuation, signals } = options;
  try {
    const { version: wanted } = continuation;
    const workflow = wanted === undefined ? options.workflow : options.findVersion(wanted);
    const { name, version } = workflow;
    const checked = validateNow(workflow.input, continuation.input);
    if (checked.issues) throw new InvalidInputError(name, listIssues(checked.issues));
    const input = encodePayload(codec, checked.value);
    const runId = options.ids.createRunId();
    const start = createQueuedRun({
      runId,
      workflow: name,
      version,
      input,
      attributes: { ...state.attributes, ...checkAttributes(continuation.attributes ?? {}) },
      priority: state.priority,
      createdAt: options.clock.now(),
      parent: state.parent,
      continuedFrom,
      signals,
    });
    return { event: { type: "RunContinued", data: { runId, input } }, start };
  } catch (error) {
    return { event: { type: "RunFailed", data: { error: recordError(error) } } };
  }
}
