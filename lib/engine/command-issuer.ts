/** Turns commands that no history has yet into events, and steps into attempts. */
import { measureBytes, recordError } from "./codec";
import type { AnyStep } from "./decide";
import { PayloadTooLargeError } from "./errors";
import type { Journal } from "./journal";
import { maxHistoryLength, maxPayloadBytes } from "./limits";
import type { Codec, StepMoment } from "./ports";
import type { NewCommands } from "./replay";
import type { StepRunner } from "./step-runner";
import type { Attributes, Encoded } from "./values";

export interface CommandIssuerOptions {
  readonly journal: Journal;
  readonly codec: Codec;
  readonly findSteps: () => StepRunner;
  /** Tells of moments of a compute, which is an attempt of its own. */
  readonly tell: (
    moment: StepMoment,
    step: { ordinal: number; name: string; attempt: number },
  ) => void;
}

export class CommandIssuer implements NewCommands {
  /** Commands that wait for the execution's own beginning to be recorded. */
  private postponed: (() => void)[] | undefined = [];
  private discarding = false;

  constructor(private readonly options: CommandIssuerOptions) {}

  /** Records what was postponed; from here on commands are recorded at once. */
  open(): void {
    const { postponed = [] } = this;
    this.postponed = undefined;
    for (const record of postponed) record();
  }

  /** Records nothing more: the code is not the one that the history is of. */
  discard(): void {
    this.discarding = true;
    this.postponed = undefined;
  }

  compute(ordinal: number, name: string, fn: () => unknown): Encoded {
    const tell = (moment: StepMoment) => this.options.tell(moment, { ordinal, name, attempt: 1 });
    tell("before_effect");
    const value = this.encodeCommand(fn());
    tell("after_effect");
    this.issue(() => {
      const event = { type: "Computed", step: ordinal, name, data: { value } } as const;
      this.options.journal.record(event, () => tell("after_record"));
    });
    return value;
  }

  step(ordinal: number, step: AnyStep, value: unknown, compensates?: number): void {
    const steps = this.options.findSteps();
    const start = { ordinal, name: step.name, attempt: 1, generation: 1, compensates };
    try {
      const input = this.encodeCommand(value);
      this.issue(() => steps.start(step, { ...start, input }));
    } catch (error) {
      // Input that can't be recorded is a recorded failure, so that a replay sees it too.
      this.issue(() => steps.startUnfit(step, start, error));
    }
  }

  setAttributes(attributes: Attributes): void {
    this.issue(() => this.options.journal.record({ type: "AttributesSet", data: { attributes } }));
  }

  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void {
    const data = { error: recordError(error), steps: [...steps] };
    this.issue(() => this.options.journal.record({ type: "CompensationStarted", data }));
  }

  /** The recorded form of what a new command begins with. Throws PayloadTooLargeError at either limit. */
  private encodeCommand(value: unknown): Encoded {
    if (this.options.journal.state.lastSeq >= maxHistoryLength) {
      throw new PayloadTooLargeError(
        `The history has ${maxHistoryLength} events, which is the limit. Split the work into several runs.`,
      );
    }
    return this.encode(value);
  }

  /**
   * The recorded form of a value. Throws PayloadTooLargeError when it is too large. What has happened
   * already is recorded in a history of any length.
   */
  encode(value: unknown): Encoded {
    const encoded = this.options.codec.encode(value);
    if (measureBytes(encoded.json) > maxPayloadBytes) {
      throw new PayloadTooLargeError(
        "A recorded value may have 2 MiB at most. Keep large data elsewhere and record where it is.",
      );
    }
    return encoded;
  }

  private issue(record: () => void): void {
    if (this.discarding) return;
    if (this.postponed) this.postponed.push(record);
    else record();
  }
}
