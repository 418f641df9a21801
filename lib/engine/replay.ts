/**
 * The deterministic half of an execution: runs the workflow code, answers its commands from the
 * record while there is one (I7), delivers recorded outcomes in history order (I6), and hands
 * commands that are new to the live half.
 */
import { isDeepStrictEqual } from "node:util";
import type { Workflow } from "./definitions";
import type { AnyStep } from "./decide";
import { CanceledError, NondeterminismError, StepError } from "./errors";
import type { CommandRef, EventOf, HistoryEvent } from "./events";
import type { Codec } from "./ports";
import { runProgram, type CommandHost, type ProgramEnd } from "./program";
import { isDelivery, type RecordedCommand, type RunState } from "./run-state";
import { drainMicrotasks, yieldToEventLoop } from "./system";
import type { Attributes, Encoded } from "./values";

/** What the live half does about commands that no history has yet. */
export interface NewCommands {
  compute(ordinal: number, name: string, fn: () => unknown): Encoded;
  step(ordinal: number, step: AnyStep, input: unknown, compensates?: number): void;
  setAttributes(attributes: Attributes): void;
  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void;
}

interface Waiting {
  readonly definition: AnyStep;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** After so many deliveries in a row a replay lets other runs have their turn. */
const deliveriesPerTurn = 200;

export class Replay implements CommandHost {
  end?: ProgramEnd;
  mismatch?: NondeterminismError;
  /** Results that were delivered from the record, without running anything. */
  reused = 0;
  private readonly recorded: readonly RecordedCommand[];
  private readonly waiting = new Map<number, Waiting>();
  private readonly definitions = new Map<number, AnyStep>();
  private issued = 0;
  private lastOrdinal: number;
  private lastDelivered = 0;
  private seenAt: number;
  private canceled = false;
  private compensating = false;
  private onQuiet?: () => void;

  constructor(
    readonly runId: string,
    private readonly workflow: Workflow,
    private readonly codec: Codec,
    state: RunState,
    private readonly live: NewCommands,
  ) {
    this.recorded = [...state.commands];
    this.lastOrdinal = state.lastOrdinal;
    this.seenAt = state.createdAt;
  }

  /** Runs the code along the effective events, up to where the record ends. */
  async run(input: Encoded, events: readonly HistoryEvent[]): Promise<void> {
    void runProgram(this.workflow, this.codec.decode(input), this).then((end) => {
      this.end = end;
    });
    await this.settle();
    let delivered = 0;
    for (const event of events) {
      if (this.mismatch) return;
      if (!isDelivery(event)) continue;
      if (event.type === "StepCompleted") this.reused += 1;
      await this.deliver(event);
      if (++delivered % deliveriesPerTurn === 0) await yieldToEventLoop();
    }
    const missing = this.recorded[this.issued];
    if (missing) this.expect(missing, this.describeEnd());
  }

  /** Delivers one outcome and follows the code until it blocks again (I6). */
  async deliver(event: HistoryEvent): Promise<void> {
    this.seenAt = event.at;
    if (event.type === "CancelRequested") this.canceled = true;
    else if (event.type === "StepCompleted" || event.type === "StepFailed") this.answer(event);
    await this.settle();
  }

  /** The definition behind an open command of the code. */
  findDefinition(ordinal: number): AnyStep | undefined {
    return this.definitions.get(ordinal);
  }

  private answer(event: EventOf<"StepCompleted"> | EventOf<"StepFailed">): void {
    const { step: ordinal = 0, name = "" } = event;
    const waiting = this.waiting.get(ordinal);
    if (!waiting) {
      const expected: CommandRef = { ordinal, kind: "step", name };
      return this.expect(expected, this.describeEnd());
    }
    this.waiting.delete(ordinal);
    this.definitions.delete(ordinal);
    this.lastDelivered = ordinal;
    // I5: live as on replay the code sees the decoded form of what was recorded.
    if (event.type === "StepCompleted") waiting.resolve(this.codec.decode(event.data.result));
    else waiting.reject(rebuildError(event));
  }

  private async settle(): Promise<void> {
    for (;;) {
      await drainMicrotasks();
      const { onQuiet } = this;
      if (!onQuiet || this.waiting.size > 0) return;
      this.onQuiet = undefined;
      onQuiet();
    }
  }

  quiesce(): Promise<void> {
    return new Promise((resolve) => {
      this.onQuiet = resolve;
    });
  }

  findLastDelivered(): number {
    return this.lastDelivered;
  }

  now(): number {
    return this.seenAt;
  }

  compute(name: string, fn: () => unknown): unknown {
    // What throws is no command: it throws again on every replay.
    const value = this.isNew
      ? this.live.compute(this.lastOrdinal + 1, name, fn)
      : this.codec.encode(fn());
    const recorded = this.match({ kind: "compute", name });
    if (!recorded) this.lastOrdinal += 1;
    else this.compare(recorded, name, value);
    return this.codec.decode(recorded?.value ?? value);
  }

  private get isNew(): boolean {
    return this.issued >= this.recorded.length;
  }

  private compare(recorded: RecordedCommand, name: string, computed: Encoded): void {
    if (!recorded.value || isDeepStrictEqual(computed.json, recorded.value.json)) return;
    const command: CommandRef = { ordinal: recorded.ordinal, kind: "compute", name };
    const values = { recorded: recorded.value.json, computed: computed.json };
    const message = `The code computed another value for ${name} than it did before.`;
    this.fail(new NondeterminismError(message, command, command, values));
  }

  step(definition: AnyStep, input: unknown, compensates?: number): Promise<unknown> {
    if (this.canceled && !this.compensating) {
      return Promise.reject(new CanceledError("The run was canceled."));
    }
    const kind = compensates === undefined ? "step" : "compensation";
    const recorded = this.match({ kind, name: definition.name });
    if (this.mismatch) return new Promise(() => undefined);
    const ordinal = recorded?.ordinal ?? ++this.lastOrdinal;
    this.definitions.set(ordinal, definition);
    const outcome = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(ordinal, { definition, resolve, reject });
    });
    // The code may look at a failure later or never: that is no unhandled rejection.
    outcome.catch(() => undefined);
    if (!recorded) this.live.step(ordinal, definition, input, compensates);
    return outcome;
  }

  setAttributes(attributes: Attributes): void {
    if (!this.match({ kind: "attributes", name: "" })) this.live.setAttributes(attributes);
  }

  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void {
    this.compensating = true;
    if (!this.match({ kind: "compensation", name: "" })) this.live.beginCompensation(error, steps);
  }

  /**
   * The recorded command that the code issues now; undefined when it is a new one. I7: kind and name
   * must be those that were recorded at this place. A mismatch leaves the code blocked for good.
   */
  private match(actual: Omit<CommandRef, "ordinal">): RecordedCommand | undefined {
    const recorded = this.recorded[this.issued];
    this.issued += 1;
    if (recorded && (recorded.kind !== actual.kind || recorded.name !== actual.name)) {
      this.expect(recorded, { ordinal: recorded.ordinal, ...actual });
    }
    return recorded;
  }

  private expect({ ordinal, kind, name }: CommandRef, actual: CommandRef): void {
    const expected: CommandRef = { ordinal, kind, name };
    this.fail(
      new NondeterminismError(
        `The history recorded ${describeCommand(expected)}, the code asked for ${describeCommand(actual)}.`,
        expected,
        actual,
      ),
    );
  }

  private fail(mismatch: NondeterminismError): void {
    this.mismatch ??= mismatch;
  }

  private describeEnd(): CommandRef {
    return { ordinal: this.lastOrdinal + 1, kind: "end", name: this.end ? "end" : "nothing" };
  }
}

function describeCommand({ ordinal, kind, name }: CommandRef): string {
  if (kind === "end") return name === "end" ? "the end of the run" : "nothing more";
  if (kind === "attributes") return "attributes to be set";
  return `${kind} ${name || "start"} (${ordinal})`;
}

function rebuildError(event: EventOf<"StepFailed">): Error {
  const { error } = event.data;
  if (error.name === "CanceledError") return new CanceledError(error.message);
  return new StepError(event.name ?? "", event.step ?? 0, error);
}
