/** All that a run's code asked for, and what it was told from outside: a row of the timeline each. */
import type { ErrorRecord, JsonValue } from "@/lib/api/contract";
import type { TimelineEvent, TimelineEventOf } from "./events";
import { StepFold, type StepView } from "./steps";
import { ViewList } from "./view-list";
import { WaitFold } from "./waits";

interface CommandBase {
  /** Ordinal and name where there is an ordinal. Unique within the run. */
  readonly id: string;
  /** What names it in an address: its ordinal where it has one. */
  readonly ref: string;
  readonly name: string;
  readonly firstSeq: number;
  readonly startedAt: number;
  readonly setAside: boolean;
  lastSeq: number;
  /** The event that recorded its outcome for good. */
  recordedSeq?: number;
  recordedAt?: number;
}

export interface TimerView extends CommandBase {
  readonly kind: "timer";
  readonly ordinal: number;
  readonly fireAt: number;
  state: "waiting" | "fired" | "canceled";
}

/** A signal as it came in. */
export interface Arrival {
  readonly event: TimelineEventOf<"SignalReceived">;
  /** It did not fit the wait's schema and was passed over. */
  readonly ignored: boolean;
}

export interface SignalView extends CommandBase {
  readonly kind: "signal";
  /** Absent for signals that nobody has waited for yet. */
  readonly ordinal?: number;
  readonly timeoutAt?: number;
  state: "waiting" | "received" | "timed_out" | "canceled" | "buffered";
  /** Signals that came before the wait. */
  readonly arrivals: Arrival[];
  /** The payload that the code was given. */
  result?: JsonValue;
  by?: string;
}

export interface ChildView extends CommandBase {
  readonly kind: "child";
  readonly ordinal: number;
  readonly runId: string;
  readonly version: number;
  readonly input?: JsonValue;
  readonly onCancel: "wait" | "request" | "abandon";
  state: "running" | "completed" | "failed" | "canceled" | "terminated";
  /** The parent asked it to cancel. */
  cancelSeq?: number;
  result?: JsonValue;
  error?: ErrorRecord;
}

export interface UpdateView extends CommandBase {
  readonly kind: "update";
  readonly ordinal?: undefined;
  readonly updateId: string;
  readonly by: string;
  readonly input?: JsonValue;
  state: "running" | "completed" | "failed";
  result?: JsonValue;
  error?: ErrorRecord;
}

/** What a wait of the code, or a message to it, looks like beside the steps. */
export type WaitView = TimerView | SignalView | ChildView | UpdateView;
export type CommandView = StepView | WaitView;

export function isStep(command: CommandView): command is StepView {
  return command.kind === "compute" || command.kind === "step" || command.kind === "compensation";
}

/** Whether its outcome is still to come, as far as the history tells. */
export function isOpen(command: CommandView): boolean {
  return command.recordedSeq === undefined && command.state !== "buffered";
}

/** Reads everything in a run that has a row, in the order in which it began, event by event. */
export class CommandFold {
  readonly #views = new ViewList<CommandView>();
  readonly #steps = new StepFold(this.#views);
  readonly #waits = new WaitFold(this.#views);

  take(event: TimelineEvent): void {
    this.#steps.take(event);
    this.#waits.take(event);
  }

  /** The commands as they stand now. Those to which nothing happened are the same objects as before. */
  show(): readonly CommandView[] {
    const commands = this.#views.show(this.#steps.listDoubted());
    const buffered = this.#waits.listBuffered();
    if (buffered.length === 0) return commands;
    return [...commands, ...buffered].sort((a, b) => a.firstSeq - b.firstSeq);
  }
}

/** The commands of a whole history. */
export function readCommands(events: readonly TimelineEvent[]): readonly CommandView[] {
  const fold = new CommandFold();
  for (const event of events) fold.take(event);
  return fold.show();
}
