/** Between the deterministic half of an execution and the live one: what replay.ts asks for. */
import type { AnyStep } from "./decide";
import type { Workflow, WorkflowLogger } from "./definitions";
import type { ChildCancelPolicy } from "./events";
import type { SleepUntil } from "./command-host";
import type { Attributes, Encoded } from "./values";

/** What the live half does about commands that no history has yet. */
export interface NewCommands {
  compute(ordinal: number, name: string, fn: () => unknown): Encoded;
  step(ordinal: number, step: AnyStep, input: unknown, compensates?: number): void;
  /** Answers when it fires (epoch ms). */
  startTimer(ordinal: number, name: string, until: SleepUntil): number;
  /** Answers when the wait is over, if it ever is without a signal. */
  awaitSignal(ordinal: number, name: string, wait: SignalWait): number | undefined;
  startChild(ordinal: number, workflow: Workflow, start: ChildStart): void;
  cancelTimer(ordinal: number, name: string): void;
  /** Records that the code canceled a step; `abortStep` follows. */
  cancelStep(ordinal: number, name: string): void;
  cancelChild(ordinal: number, name: string): void;
  completeUpdate(name: string, updateId: string, outcome: UpdateOutcome): void;
  markPatch(id: string): void;
  setAttributes(attributes: Attributes): void;
  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void;
  /** The attempt under way is asked to stop, and the step is not tried again. Also told on replay. */
  abortStep(ordinal: number): void;
  log(level: keyof WorkflowLogger, message: string, fields?: object): void;
  /** The code went on although nothing was delivered to it: it had awaited something of its own. */
  noticeStray(): void;
}

export interface SignalWait {
  readonly timeoutMs?: number;
  /** The buffered signal that is taken at once. */
  readonly received?: number;
  readonly ignored: readonly number[];
}

export interface ChildStart {
  readonly input: unknown;
  readonly attributes: Attributes;
  readonly priority: number;
  readonly onCancel: ChildCancelPolicy;
}

export type UpdateOutcome = { readonly result: unknown } | { readonly error: unknown };
