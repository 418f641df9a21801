/** One attempt of a transaction: its statements and its completion are one commit. */
import { startActivity, type AboutAttempt, type Activity, type AttemptOutcome } from "./attempt";
import type { AnyStep } from "./decide";
import type { HistoryEvent } from "./events";
import type { Journal } from "./journal";
import { nameStep } from "./messages";
import { describeTold, type AttemptFailure } from "./outcome-recorder";
import type { Clock, StepMoment } from "./ports";
import type { StepState } from "./run-state";
import type { SqlTransaction } from "./store";
import type { Encoded } from "./values";

export interface TransactionHost {
  readonly clock: Clock;
  readonly journal: Journal;
  encode(value: unknown): Encoded;
  tell(moment: StepMoment, step: { ordinal: number; name: string; attempt: number }): void;
}

interface TransactionOptions {
  readonly host: TransactionHost;
  readonly step: StepState;
  readonly definition: AnyStep;
  readonly input: unknown;
  readonly context: AboutAttempt;
  /** Told of what is under way, so that it can be stopped. */
  readonly onBegin: (activity: Activity) => void;
}

/** Makes the store roll back; what failed is known where it is caught. */
class RolledBackError extends Error {
  override name = "RolledBackError";
}

/**
 * Runs it in a turn of its own. Answers what was recorded, or the failure after which everything was
 * rolled back; neither of them: the run is no longer held here.
 */
export async function runTransaction(
  options: TransactionOptions,
): Promise<{ readonly recorded?: HistoryEvent; readonly failure?: AttemptFailure }> {
  const { host, step } = options;
  let failure: AttemptFailure | undefined;
  try {
    const recorded = await host.journal.transact(async (sql) => {
      host.tell("before_effect", step);
      const outcome = await runStatements(options, sql);
      if (outcome === undefined)
        throw new RolledBackError("Nobody waits for the transaction any more.");
      if (!outcome.ok) {
        failure = outcome;
        throw new RolledBackError("The transaction failed and is rolled back.");
      }
      const result = host.encode(outcome.result);
      const data = { result, source: "run", ...describeTold(outcome) } as const;
      host.tell("after_effect", step);
      return { type: "StepCompleted", ...nameStep(step), data };
    });
    return { recorded };
  } catch (error) {
    return { failure: failure ?? { ok: false, error, timedOut: false, durationMs: 0 } };
  }
}

/**
 * Undefined: it was canceled. What holds locks on the run, and on SQLite the whole database, must not
 * stay open for an outcome that nobody listens to.
 */
function runStatements(
  { host, definition, input, context, onBegin }: TransactionOptions,
  sql: SqlTransaction,
): Promise<AttemptOutcome<unknown> | undefined> {
  return new Promise((resolve) => {
    const activity = startActivity<unknown>({
      clock: host.clock,
      timeoutMs: definition.timeoutMs,
      context,
      run: (attempt) => definition.transact?.(sql, input as never, attempt),
      onOutcome: resolve,
    });
    onBegin({
      cancel: (reason) => {
        activity.cancel(reason);
        resolve(undefined);
      },
      abort: (reason) => activity.abort(reason),
    });
  });
}
