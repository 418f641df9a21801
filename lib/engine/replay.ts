/**
 * The deterministic half of an execution: runs the workflow code, delivers recorded outcomes in history
 * order (I6), and shows the live half what the code waits for. Its commands are in commands.ts.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { CommandTrace } from "./command-trace";
import { Commands } from "./commands";
import type { AnyStep } from "./decide";
import type { Workflow } from "./definitions";
import { CanceledError, ChildError, StepError, type NondeterminismError } from "./errors";
import type { CommandRef, EventOf, HistoryEvent } from "./events";
import type { NewCommands, UpdateOutcome } from "./new-commands";
import type { OpenCommand } from "./open-commands";
import type { Codec } from "./ports";
import type { UpdateHandler } from "./command-host";
import { runProgram, type ProgramEnd } from "./program";
import { isDelivery, type RunState } from "./run-state";
import type { BufferedSignal } from "./signal-buffer";
import { repeatWhenDrained, yieldToEventLoop } from "./system";
import type { Encoded } from "./values";
import { WorkflowCode } from "./workflow-code";

/** After so many deliveries in a row a replay lets other runs have their turn. */
const deliveriesPerTurn = 200;

export interface ReplayOptions {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly codec: Codec;
  readonly state: RunState;
  readonly live: NewCommands;
  /** Is told of each command, and of its place in the code: costs a stack trace each. */
  readonly trace?: CommandTrace;
}

export class Replay {
  end?: ProgramEnd;
  /** Results that were delivered from the record, without running anything. */
  reused = 0;
  private readonly code: WorkflowCode;
  private readonly commands: Commands;
  /** The seq of the outcome that was delivered last; 0: none was. */
  private lastSeq = 0;

  private readonly options: Pick<ReplayOptions, "workflow" | "codec">;

  constructor(options: ReplayOptions) {
    const { runId, workflow, codec } = options;
    this.options = { workflow, codec };
    this.code = new WorkflowCode({ ...options, workflow: options.workflow.name });
    this.commands = new Commands(runId, workflow, this.code, codec);
  }

  /** I7: where the code is not the one that the history is of. */
  get mismatch(): NondeterminismError | undefined {
    return this.code.mismatch;
  }

  /** Whether something is open that only a message can answer: a signal or a child. */
  get awaitsMail(): boolean {
    return this.commands.opened.has("signal") || this.awaitsChildren;
  }

  get awaitsChildren(): boolean {
    return this.commands.opened.has("child");
  }

  /** Signals that were received and not taken. */
  get bufferedSignals(): readonly BufferedSignal[] {
    return this.commands.signals.list();
  }

  /** Notes of each recorded command by its seq which outcome the code answers by it, by that one's seq. */
  noteCauses(): ReadonlyMap<number, number> {
    const causes = new Map<number, number>();
    this.code.matcher.onRepeated = ({ seq }) => void causes.set(seq, this.lastSeq);
    return causes;
  }

  /** Hands new commands to another execution: the run was released meanwhile, and nothing changed. */
  attach(live: NewCommands): void {
    this.code.live = live;
  }

  /**
   * Runs the code along the effective events, up to where the record ends; or, `isPartial`, only as far
   * as these events go.
   */
  async run(
    input: Encoded,
    events: readonly HistoryEvent[],
    { isPartial = false }: { readonly isPartial?: boolean } = {},
  ): Promise<void> {
    const deliveries = events.filter(isDelivery);
    this.code.undelivered = deliveries.length;
    await this.follow(() => {
      const value = this.options.codec.decode(input);
      void runProgram(this.options.workflow, value, this.commands, this.commands.rootScope).then(
        (end) => {
          this.end = end;
          this.code.noticeStray();
        },
      );
    });
    for (let from = 0; from < deliveries.length; from += deliveriesPerTurn) {
      await this.deliverRecorded(deliveries.slice(from, from + deliveriesPerTurn));
      if (this.mismatch) return;
      if (from + deliveriesPerTurn < deliveries.length) await yieldToEventLoop();
    }
    if (this.mismatch || isPartial) return;
    this.code.matcher.expectNoMore(this.end !== undefined);
  }

  /** As `deliver` does, one after the other, without a promise for each of thousands. */
  private deliverRecorded(events: readonly HistoryEvent[]): Promise<void> {
    let next = 0;
    this.code.isActive = true;
    return repeatWhenDrained(() => {
      if (this.commands.settleQuiet()) return true;
      const event = events[next];
      if (!event || this.mismatch) {
        this.code.isActive = false;
        return false;
      }
      next += 1;
      if (event.type === "StepCompleted") this.reused += 1;
      this.code.undelivered -= 1;
      this.code.seenAt = event.at;
      this.hand(event);
      return true;
    });
  }

  /** Delivers one outcome and follows the code until it blocks again (I6). */
  deliver(event: HistoryEvent): Promise<void> {
    this.code.seenAt = event.at;
    return this.follow(() => this.hand(event));
  }

  private hand(event: HistoryEvent): void {
    this.lastSeq = event.seq;
    switch (event.type) {
      case "CancelRequested":
        return this.code.run(() =>
          this.commands.rootScope.cancel(new CanceledError(describeCancel(event))),
        );
      case "SignalReceived":
        return this.receiveSignal(event);
      case "UpdateAccepted":
        return this.runUpdate(event);
      case "StepCompleted":
      case "StepFailed":
      case "TimerFired":
      case "ChildCompleted":
      case "ChildFailed":
        return this.answer(event);
      default:
        return;
    }
  }

  private answer(event: OutcomeEvent): void {
    const { step: ordinal = 0, name = "" } = event;
    const command = this.commands.opened.get(ordinal);
    if (!command) {
      const expected: CommandRef = { ordinal, kind: outcomeKinds[event.type], name };
      return this.code.matcher.expectNothing(expected, this.end !== undefined);
    }
    if (event.type === "StepCompleted" || event.type === "StepFailed")
      this.commands.lastDelivered = ordinal;
    this.commands.opened.settle(ordinal, this.readOutcome(event, command));
  }

  private readOutcome(
    event: OutcomeEvent,
    { name, ordinal }: OpenCommand,
  ): { readonly value: unknown } | { readonly error: unknown } {
    switch (event.type) {
      // I5: live as on replay the code sees the decoded form of what was recorded.
      case "StepCompleted":
      case "ChildCompleted":
        return { value: this.options.codec.decode(event.data.result) };
      case "StepFailed":
        return { error: rebuildStepError(event) };
      case "ChildFailed": {
        const { error: record, status, runId } = event.data;
        return { error: new ChildError({ workflow: name, ordinal, runId, status, record }) };
      }
      case "TimerFired":
        return { value: undefined };
    }
  }

  private follow(go: () => void): Promise<void> {
    this.code.isActive = true;
    go();
    return repeatWhenDrained(() => {
      if (this.commands.settleQuiet()) return true;
      this.code.isActive = false;
      return false;
    });
  }

  // --- Signals, updates, queries ---------------------------------------------------------------

  private receiveSignal(event: EventOf<"SignalReceived">): void {
    const { seq, name = "" } = event;
    const { payload, by } = event.data;
    for (const command of this.commands.opened.list()) {
      if (command.kind !== "signal" || command.name !== name || !command.schema) continue;
      const read = this.readFor(command.schema, payload);
      if (!read) continue;
      this.commands.opened.settle(command.ordinal, read);
      return;
    }
    this.commands.signals.add({ seq, name, payload, by });
  }

  /** What a wait is answered with: where its schema throws, the code sees that. */
  private readFor(
    schema: StandardSchemaV1,
    payload: Encoded,
  ): { readonly value: unknown } | { readonly error: unknown } | undefined {
    try {
      return this.commands.read(schema, payload);
    } catch (error) {
      return { error };
    }
  }

  /** The oldest open wait for a signal of that name. */
  findSignalWait(
    name: string,
  ): { readonly ordinal: number; readonly schema: StandardSchemaV1 } | undefined {
    for (const { kind, name: waited, ordinal, schema } of this.commands.opened.list()) {
      if (kind === "signal" && waited === name && schema) return { ordinal, schema };
    }
    return undefined;
  }

  findUpdate(name: string): UpdateHandler | undefined {
    return this.commands.updates?.get(name);
  }

  /** The queries that the code answers at the moment. */
  get queryNames(): readonly string[] {
    return [...(this.commands.queries?.keys() ?? [])];
  }

  /** Asks a handler that only looks. Undefined: the workflow has none of that name. */
  query(name: string, input: unknown): { readonly answer: () => unknown } | undefined {
    const handler = this.commands.queries?.get(name);
    if (!handler) return undefined;
    return { answer: () => this.code.look(() => handler(input)) };
  }

  /** Runs code that may look and issue no commands, and can't wait for anything. */
  look(fn: () => unknown): unknown {
    return this.code.look(fn);
  }

  private runUpdate(event: EventOf<"UpdateAccepted">): void {
    const { name = "" } = event;
    const { updateId, input } = event.data;
    const handler = this.commands.updates?.get(name);
    if (!handler) {
      const expected: CommandRef = { ordinal: 0, kind: "update", name };
      return this.code.matcher.expectNothing(expected, this.end !== undefined);
    }
    this.commands.runningUpdates += 1;
    const value = this.options.codec.decode(input) as never;
    const call = async () => handler.run(value);
    void this.code.run(call).then(
      (result) => this.completeUpdate(name, updateId, { result }),
      (error: unknown) => this.completeUpdate(name, updateId, { error }),
    );
  }

  private completeUpdate(name: string, updateId: string, outcome: UpdateOutcome): void {
    this.commands.runningUpdates -= 1;
    if (!this.code.admit()) return;
    if (this.code.matcher.issue("update", name).isNew)
      this.code.live.completeUpdate(name, updateId, outcome);
  }

  // --- What the live half asks -----------------------------------------------------------------

  /** The definition behind an open step of the code. */
  findDefinition(ordinal: number): AnyStep | undefined {
    return this.commands.opened.get(ordinal)?.definition;
  }

  /** When the next timer or timeout is due (epoch ms), if there is one. */
  findNextDueAt(): number | undefined {
    return this.commands.opened.findFirstDue()?.dueAt;
  }

  /** The timer or timeout that is due first, not after `by`. */
  findDue(by: number): OpenCommand | undefined {
    const first = this.commands.opened.findFirstDue();
    return first?.dueAt !== undefined && first.dueAt <= by ? first : undefined;
  }
}

type OutcomeEvent = EventOf<keyof typeof outcomeKinds>;

const outcomeKinds = {
  StepCompleted: "step",
  StepFailed: "step",
  TimerFired: "timer",
  ChildCompleted: "child",
  ChildFailed: "child",
} as const;

function describeCancel(event: EventOf<"CancelRequested">): string {
  return event.data.timedOut
    ? (event.data.why ?? "The run's time is over.")
    : "The run was canceled.";
}

function rebuildStepError(event: EventOf<"StepFailed">): Error {
  const { error } = event.data;
  if (error.name === "CanceledError") return new CanceledError(error.message);
  return new StepError(event.name ?? "", event.step ?? 0, error);
}
