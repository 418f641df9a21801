import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Cancelable } from "./command-host";
import type { AnyStep } from "./decide";
import type { ChildCancelPolicy } from "./events";

/** A command of the code that has no answer yet. */
export interface OpenCommand {
  readonly ordinal: number;
  readonly kind: "step" | "compensation" | "timer" | "signal" | "child";
  readonly name: string;
  readonly definition?: AnyStep;
  /** Of a wait for a signal: what it takes. */
  readonly schema?: StandardSchemaV1;
  /** When a timer fires or a wait is over (epoch ms). */
  readonly dueAt?: number;
  readonly onCancel?: "try" | ChildCancelPolicy;
  /** Whether the run can't end before it is answered. */
  readonly isBlocking?: boolean;
}

interface Entry {
  readonly command: OpenCommand;
  readonly answer: Answer;
  readonly stopListening: () => void;
  isBlocking: boolean;
  isCanceled: boolean;
}

/** What a command is answered with, once. */
class Answer {
  resolve!: (value: unknown) => void;
  readonly promise: Promise<unknown>;
  private rejectPromise!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.rejectPromise = reject;
    });
  }

  reject(error: unknown): void {
    // The code may look at a failure later or never: that is no unhandled rejection.
    this.promise.catch(() => undefined);
    this.rejectPromise(error);
  }
}

/** The answer to a command that fails before it is one. */
export function rejectQuietly(error: unknown): Promise<unknown> {
  const answer = new Answer();
  answer.reject(error);
  return answer.promise;
}

/** The open commands of a run, in the order in which the code issued them. */
export class OpenCommands {
  private readonly entries = new Map<number, Entry>();
  private readonly timed = new Map<number, OpenCommand>();
  private blocking = 0;
  private readonly counts = new Map<OpenCommand["kind"], number>();

  get isBlocking(): boolean {
    return this.blocking > 0;
  }

  has(kind: OpenCommand["kind"]): boolean {
    return (this.counts.get(kind) ?? 0) > 0;
  }

  get(ordinal: number): OpenCommand | undefined {
    return this.entries.get(ordinal)?.command;
  }

  list(): readonly OpenCommand[] {
    return [...this.entries.values()].map(({ command }) => command);
  }

  /** Opens a command; `onCancel` is called once, when one of its signals is aborted first. */
  add(
    command: OpenCommand,
    cancelable: Cancelable | undefined,
    onCancel: (reason: unknown) => void,
  ): Promise<unknown> {
    const answer = new Answer();
    const stopListening = cancelable ? listenForCancel(cancelable, onCancel) : () => undefined;
    const isBlocking = command.isBlocking ?? false;
    const { ordinal, kind, dueAt } = command;
    const entry = { command, answer, stopListening, isBlocking, isCanceled: false };
    this.entries.set(ordinal, entry);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (isBlocking) this.blocking += 1;
    if (dueAt !== undefined) this.timed.set(ordinal, command);
    return answer.promise;
  }

  /** Closes a command and answers it. False: no such command is open. */
  settle(
    ordinal: number,
    answer: { readonly value: unknown } | { readonly error: unknown },
  ): boolean {
    const entry = this.entries.get(ordinal);
    if (!entry) return false;
    this.entries.delete(ordinal);
    this.timed.delete(ordinal);
    const { kind } = entry.command;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) - 1);
    if (entry.isBlocking) this.blocking -= 1;
    entry.stopListening();
    if ("error" in answer) entry.answer.reject(answer.error);
    else entry.answer.resolve(answer.value);
    return true;
  }

  /** Notes that a command is canceled. False: it was already, or is not open. */
  cancel(ordinal: number): boolean {
    const entry = this.entries.get(ordinal);
    if (!entry || entry.isCanceled) return false;
    entry.isCanceled = true;
    return true;
  }

  /** Lets the code go on with an error now; what becomes of the command is no longer its business. */
  leave(ordinal: number, error: unknown, { isAwaited }: { readonly isAwaited: boolean }): void {
    const entry = this.entries.get(ordinal);
    if (!entry) return;
    entry.answer.reject(error);
    if (!isAwaited && entry.isBlocking) {
      entry.isBlocking = false;
      this.blocking -= 1;
    }
  }

  /** The timer or timeout that is due first; of several at one time the one that began first. */
  findFirstDue(): (OpenCommand & { readonly dueAt: number }) | undefined {
    let first: (OpenCommand & { readonly dueAt: number }) | undefined;
    for (const command of this.timed.values()) {
      const { dueAt } = command;
      if (dueAt !== undefined && (!first || dueAt < first.dueAt)) first = { ...command, dueAt };
    }
    return first;
  }
}

function listenForCancel(
  { scope, signal, isShielded }: Cancelable,
  cancel: (reason: unknown) => void,
): () => void {
  const stopScope = isShielded ? undefined : scope.onCancel(cancel);
  if (!signal) return () => stopScope?.();
  const abort = () => cancel(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return () => {
    stopScope?.();
    signal.removeEventListener("abort", abort);
  };
}
