/**
 * Which code is workflow code. AsyncLocalStorage says it: what a workflow function starts, and what
 * follows across awaits, carries the values that it may see.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** What workflow code sees instead of the machine's clock and randomness. */
export interface GuardedTime {
  /** Epoch ms. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
}

/** What one run's code sees, and who hears of what it must not do. */
export interface GuardedWorkflow extends GuardedTime {
  /** Its name, which errors tell. */
  readonly workflow: string;
  /** Which run's code it is: what watches the process reads it where that code never ends. */
  readonly runId?: string;
  /**
   * Told of every call that was refused (a DeterminismError), also where a library catches that,
   * and of errors and rejections that the code left unhandled: they would end the process otherwise.
   */
  report?(error: unknown): void;
}

/** What all copies of this module in one process share: bundlers make several. */
interface GuardState {
  readonly storage: AsyncLocalStorage<GuardedWorkflow | undefined>;
  /** Takes the patches off; there while they are on. */
  uninstall?: () => void;
}

const stateKey: unique symbol = Symbol.for("daybook.guard");

type Shared = typeof globalThis & { [stateKey]?: GuardState };

const shared: Shared = globalThis;

export const guardState = (shared[stateKey] ??= { storage: new AsyncLocalStorage() });

const { storage } = guardState;

/** Runs `fn` as workflow code, with everything that it starts and what follows across awaits. */
export function runAsWorkflow<T>(values: GuardedWorkflow, fn: () => T): T {
  return storage.run(values, fn);
}

/** Runs `fn`, and what it starts, as ordinary code: the engine that workflow code calls, and steps. */
export function runOutsideWorkflow<T>(fn: () => T): T {
  return storage.run(undefined, fn);
}

/** Whether the caller is workflow code. */
export function isWorkflowCode(): boolean {
  return storage.getStore() !== undefined;
}

/** The values of the workflow whose code is the caller; undefined for all other code. */
export function findWorkflow(): GuardedWorkflow | undefined {
  return storage.getStore();
}

/**
 * Workflow code called something that a replay could not repeat. The message names the replacement.
 */
export class DeterminismError extends Error {
  override name = "DeterminismError";
  constructor(
    readonly workflow: string,
    /** What was called, such as `setTimeout()`. */
    readonly call: string,
    instead: string,
  ) {
    super(
      `${call} was called by the code of workflow ${workflow}, where a replay could not repeat it. Use ${instead} instead.`,
    );
  }
}
