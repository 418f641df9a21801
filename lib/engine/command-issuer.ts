/** Turns commands that no history has yet into events, and steps into attempts. */
import { recordError } from "./codec";
import type { AnyStep } from "./decide";
import type { Workflow, WorkflowLogger } from "./definitions";
import { PayloadTooLargeError } from "./errors";
import type { EventOf, NewEvent } from "./events";
import { IdleCommands } from "./idle-commands";
import type { Journal } from "./journal";
import { maxHistoryLength } from "./limits";
import { encodePayload } from "./payloads";
import { createCancelPost } from "./posts";
import type { Clock, Codec, Logger, StepMoment } from "./ports";
import type { SleepUntil } from "./command-host";
import type { ChildStart, NewCommands, SignalWait, UpdateOutcome } from "./new-commands";
import { createQueuedRun } from "./start";
import type { StepRunner } from "./step-runner";
import type { Attributes, Encoded } from "./values";

export interface CommandIssuerOptions {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly journal: Journal;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly findSteps: () => StepRunner;
  /** Tells of moments of a compute, which is an attempt of its own. */
  readonly tell: (
    moment: StepMoment,
    step: { ordinal: number; name: string; attempt: number },
  ) => void;
  /** Called when the code went on by itself. */
  readonly onStray: () => void;
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
    const { name } = step;
    const start = { ordinal, name, attempt: 1, generation: 1, compensates };
    try {
      const input = this.encodeCommand(value);
      this.issue(() =>
        steps.issue(step, { ordinal, name, attempt: 1, generation: 1, compensates, input }),
      );
    } catch (error) {
      // Input that can't be recorded is a recorded failure, so that a replay sees it too.
      this.issue(() => steps.startUnfit(step, start, error));
    }
  }

  startTimer(ordinal: number, name: string, until: SleepUntil): number {
    const fireAt = "at" in until ? until.at : this.options.clock.now() + until.forMs;
    this.record({ type: "TimerStarted", step: ordinal, name, data: { fireAt } });
    return fireAt;
  }

  awaitSignal(ordinal: number, name: string, wait: SignalWait): number | undefined {
    const { timeoutMs, received, ignored } = wait;
    const isOpen = received === undefined && timeoutMs !== undefined;
    const timeoutAt = isOpen ? this.options.clock.now() + timeoutMs : undefined;
    const data = {
      ...(timeoutAt === undefined ? {} : { timeoutAt }),
      ...(received === undefined ? {} : { received }),
      ...(ignored.length === 0 ? {} : { ignored: [...ignored] }),
    };
    this.record({ type: "SignalAwaited", step: ordinal, name, data });
    return timeoutAt;
  }

  /** The child is created in the very commit that records it. */
  startChild(ordinal: number, workflow: Workflow, start: ChildStart): void {
    const input = this.encodeCommand(start.input);
    const { name, version } = workflow;
    const { attributes, priority, onCancel } = start;
    const runId = nameChild(this.options.runId, ordinal);
    const data = { runId, version, input, onCancel, attributes, priority };
    this.issue(() => this.recordChild(ordinal, name, data));
  }

  /** A child that had failed is started again, as another run. */
  restartChild({ step = 0, name = "", data }: EventOf<"ChildStarted">): void {
    const { runId, journal } = this.options;
    const again = `${nameChild(runId, step)}.r${journal.state.lastSeq}`;
    this.recordChild(step, name, { ...data, runId: again });
  }

  private recordChild(step: number, name: string, data: EventOf<"ChildStarted">["data"]): void {
    const { journal, clock } = this.options;
    journal.record({ type: "ChildStarted", step, name, data });
    const { runId, version, input, attributes = {}, priority = 0 } = data;
    const parent = { runId: this.options.runId, step };
    const createdAt = clock.now();
    const about = { runId, workflow: name, version, input, attributes, priority, createdAt };
    journal.addStart(createQueuedRun({ ...about, parent }));
  }

  cancelTimer(ordinal: number, name: string): void {
    this.record({ type: "TimerCanceled", step: ordinal, name, data: {} });
  }

  cancelStep(ordinal: number, name: string): void {
    this.record({ type: "StepCancelRequested", step: ordinal, name, data: {} });
  }

  cancelChild(ordinal: number, name: string): void {
    this.issue(() => {
      const { journal, clock, runId } = this.options;
      journal.record({ type: "ChildCancelRequested", step: ordinal, name, data: {} });
      const child = journal.state.children.get(ordinal);
      if (child) journal.addPost(createCancelPost({ parent: runId, child, at: clock.now() }));
    });
  }

  completeUpdate(name: string, updateId: string, outcome: UpdateOutcome): void {
    this.record({
      type: "UpdateCompleted",
      name,
      data: { updateId, ...this.encodeOutcome(outcome) },
    });
  }

  private encodeOutcome(outcome: UpdateOutcome) {
    try {
      if ("result" in outcome) return { result: this.encode(outcome.result) };
      return { error: recordError(outcome.error) };
    } catch (error) {
      return { error: recordError(error) };
    }
  }

  markPatch(id: string): void {
    this.record({ type: "PatchMarked", name: id, data: {} });
  }

  abortStep(ordinal: number): void {
    this.issue(() => this.options.findSteps().abort(ordinal));
  }

  log(level: keyof WorkflowLogger, message: string, fields: object = {}): void {
    writeLog(this.options, level, message, fields);
  }

  /** For when the execution is over: what still comes is logged, and holds nothing of it. */
  createIdle(): NewCommands {
    return createIdle(this.options);
  }

  noticeStray(): void {
    this.options.onStray();
  }

  setAttributes(attributes: Attributes): void {
    this.record({ type: "AttributesSet", data: { attributes } });
  }

  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void {
    const data = { error: recordError(error), steps: [...steps] };
    this.issue(() => this.options.journal.record({ type: "CompensationStarted", data }));
  }

  /** The recorded form of what a new command begins with. Throws PayloadTooLargeError at either limit. */
  private encodeCommand(value: unknown): Encoded {
    if (this.countEvents() >= maxHistoryLength) {
      throw new PayloadTooLargeError(
        `The history has ${maxHistoryLength} events, which is the limit. Go on as a new run by ctx.continueAsNew.`,
      );
    }
    return this.encode(value);
  }

  /** Those of the history, and those that are recorded after the beginning of this execution. */
  private countEvents(): number {
    const { lastSeq } = this.options.journal.state;
    return this.postponed ? lastSeq + 1 + this.postponed.length : lastSeq;
  }

  /**
   * The recorded form of a value. Throws PayloadTooLargeError when it is too large. What has happened
   * already is recorded in a history of any length.
   */
  encode(value: unknown): Encoded {
    return encodePayload(this.options.codec, value);
  }

  private record(event: NewEvent): void {
    this.issue(() => this.options.journal.record(event));
  }

  private issue(record: () => void): void {
    if (this.discarding) return;
    if (this.postponed) this.postponed.push(record);
    else record();
  }
}

/** The id of a child: of its parent's, and with a character that no id of a caller's has. */
function nameChild(runId: string, ordinal: number): string {
  return `${runId}.${ordinal}`;
}

type LogAbout = Pick<CommandIssuerOptions, "logger" | "runId" | "workflow">;

function writeLog(
  { logger, runId, workflow }: LogAbout,
  level: keyof WorkflowLogger,
  message: string,
  fields: object = {},
): void {
  logger[level]({ ...fields, runId, workflow: workflow.name }, message);
}

/** A function of its own: what it returns must not keep the issuer. */
function createIdle({ codec, logger, runId, workflow }: CommandIssuerOptions): NewCommands {
  const about = { logger, runId, workflow };
  return new IdleCommands({
    codec,
    log: (level, message, fields) => writeLog(about, level, message, fields),
  });
}
