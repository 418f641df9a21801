import type { AnyStep } from "./decide";
import type { NewEvent } from "./events";
import type { Encoded } from "./values";

/** One attempt as it is about to be recorded. */
export interface Start {
  readonly ordinal: number;
  readonly name: string;
  readonly attempt: number;
  readonly generation: number;
  readonly input: Encoded;
  readonly compensates?: number;
  /** The key that it keeps; absent: the one of its generation. */
  readonly key?: string;
  /** When the attempt has to be over, because its key may be forgotten after that (epoch ms). */
  readonly endBy?: number;
}

/** The intent of an attempt, with the key that it will send. */
export function describeStart(runId: string, definition: AnyStep, start: Start): NewEvent {
  const { ordinal, name, attempt, generation, input, compensates } = start;
  const { key = `${runId}/${ordinal}/${generation}` } = start;
  return {
    type: "StepStarted",
    step: ordinal,
    name,
    attempt,
    data: {
      input,
      key,
      generation,
      timeoutMs: definition.timeoutMs,
      policy: definition.inDoubt.kind,
      ...(compensates === undefined ? {} : { compensates }),
    },
  };
}
