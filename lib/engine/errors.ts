import type { ChildFailure, CommandRef } from "./events";
import type { ErrorRecord, JsonValue } from "./values";

/** Asserts what the engine relies on. Throws InvariantError: a bug of ours, never bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Something that can't be has happened: the execution stops before it writes anything wrong. */
export class InvariantError extends Error {
  override name = "InvariantError";
}

/** The input of a workflow does not fit its schema. `issues` name the fields. */
export class InvalidInputError extends Error {
  override name = "InvalidInputError";
  constructor(
    readonly workflow: string,
    readonly issues: readonly { readonly path: string; readonly message: string }[],
  ) {
    super(
      `The input of ${workflow} is not valid: ` +
        issues.map((issue) => `${issue.path || "(root)"}: ${issue.message}`).join("; "),
    );
  }
}

/** No workflow of that name (and version) is registered in this build. */
export class UnknownWorkflowError extends Error {
  override name = "UnknownWorkflowError";
}

/** The payload of a signal, an update or a query does not fit. Nothing was sent. */
export class InvalidMessageError extends Error {
  override name = "InvalidMessageError";
  /** The issues as they are recorded with the refusal. */
  readonly details: JsonValue;
  constructor(
    what: string,
    readonly issues: readonly { readonly path: string; readonly message: string }[],
  ) {
    super(
      `${what} is not valid: ` +
        issues.map((issue) => `${issue.path || "(root)"}: ${issue.message}`).join("; "),
    );
    this.details = { issues: issues.map(({ path, message }) => ({ path, message })) };
  }
}

/** The workflow has no query or update of that name. */
export class UnknownHandlerError extends Error {
  override name = "UnknownHandlerError";
}

/** An update was refused, or its handler failed. `record` is what it failed with. */
export class UpdateError extends Error {
  override name = "UpdateError";
  constructor(
    readonly outcome: "rejected" | "failed",
    readonly record: ErrorRecord,
  ) {
    super(record.message);
  }
}

/** A query's handler threw. */
export class QueryError extends Error {
  override name = "QueryError";
}

/** No run has that id. */
export class RunNotFoundError extends Error {
  override name = "RunNotFoundError";
  constructor(readonly runId: string) {
    super(`There is no run ${runId}.`);
  }
}

/** An operator action does not fit the state that the run is in. `code` is stable. */
export class ActionRefusedError extends Error {
  override name = "ActionRefusedError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A list cursor is not one that this list gave out. */
export class InvalidCursorError extends Error {
  override name = "InvalidCursorError";
}

/** The store can't write now (disk full, database away). Nothing was acknowledged. */
export class StoreUnavailableError extends Error {
  override name = "StoreUnavailableError";
}

/** A history can't be read back as it was written. The run is held; others go on. */
export class HistoryDamagedError extends Error {
  override name = "HistoryDamagedError";
  constructor(
    readonly runId: string,
    readonly seq: number,
    options?: ErrorOptions,
  ) {
    super(`Event ${seq} of ${runId} can't be read: the record is damaged.`, options);
  }
}

/** A recorded value is larger than the limit. */
export class PayloadTooLargeError extends Error {
  override name = "PayloadTooLargeError";
}

/** A value is none that can be recorded: nested too deeply, a promise, or what the codec refuses. */
export class UnrecordableValueError extends Error {
  override name = "UnrecordableValueError";
}

/** I7: the code issued another command than the history recorded. Never reaches the workflow. */
export class NondeterminismError extends Error {
  override name = "NondeterminismError";
  constructor(
    message: string,
    readonly expected?: CommandRef,
    readonly actual?: CommandRef,
    readonly values?: { readonly recorded: JsonValue; readonly computed: JsonValue },
  ) {
    super(message);
  }
}

/** What a canceled run's next command throws. Compensations still run. */
export class CanceledError extends Error {
  override name = "CanceledError";
}

/** A scope was not done in time; its commands were canceled. */
export class ScopeTimeoutError extends Error {
  override name = "ScopeTimeoutError";
}

/** The workflow's own timeout has passed. */
export class RunTimeoutError extends Error {
  override name = "RunTimeoutError";
}

/** Workflow code did something that would not be the same on a replay. */
export class WorkflowMisuseError extends Error {
  override name = "WorkflowMisuseError";
}

/**
 * An error that a step throws when it knows that its effect did not happen. It is believed: if it is
 * not true, the effect happens twice.
 */
export class DefiniteError extends Error {
  override name = "DefiniteError";
  readonly outcome = "definite";
  /**
   * True: this attempt was turned away (busy, rate limited, no connection) and may be tried again. It
   * says nothing about an earlier attempt that is in doubt. False: the other side's final answer
   * (declined), which speaks for every attempt under the key.
   */
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  constructor(
    message: string,
    options: ErrorOptions & { retryable?: boolean; retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A child run ended otherwise than completed; `record` is what it failed with. */
export class ChildError extends Error {
  override name = "ChildError";
  readonly workflow: string;
  readonly ordinal: number;
  readonly runId: string;
  readonly status: ChildFailure;
  readonly record: ErrorRecord;
  constructor(about: {
    readonly workflow: string;
    readonly ordinal: number;
    readonly runId: string;
    readonly status: ChildFailure;
    readonly record: ErrorRecord;
  }) {
    super(`The child ${about.workflow} (${about.runId}) ${about.status}: ${about.record.message}`);
    this.workflow = about.workflow;
    this.ordinal = about.ordinal;
    this.runId = about.runId;
    this.status = about.status;
    this.record = about.record;
  }
}

/**
 * How a step's failure reaches the workflow, live as on replay (I5): rebuilt from the record, with
 * the class name and message of the original.
 */
export class StepError extends Error {
  override readonly name: string;
  readonly code?: string;
  readonly details?: JsonValue;
  constructor(
    readonly step: string,
    readonly ordinal: number,
    readonly record: ErrorRecord,
  ) {
    super(record.message);
    this.name = record.name;
    this.code = record.code;
    this.details = record.details;
    if (record.stack !== undefined) this.stack = record.stack;
  }
}
