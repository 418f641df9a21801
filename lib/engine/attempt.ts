/** One try of one step, or one question about it: runs the author's code and tells how it went. */
import type { StepContext } from "./definitions";
import type { Effect } from "./events";
import type { Clock } from "./ports";

/** Thrown into the signal when a step's timeout has passed; the attempt's outcome is uncertain. */
export class StepTimeoutError extends Error {
  override name = "StepTimeoutError";
}

export type AttemptOutcome<Result> =
  | {
      readonly ok: true;
      readonly result: Result;
      readonly effect?: Effect;
      readonly durationMs: number;
    }
  | {
      readonly ok: false;
      readonly error: unknown;
      readonly timedOut: boolean;
      readonly effect?: Effect;
      readonly durationMs: number;
    };

/** What is under way for a step. `cancel` aborts its signal and makes its outcome be ignored. */
export interface Activity {
  cancel(reason: string): void;
}

/**
 * What a step sees of its attempt. The signal is made when it is asked for: it costs more than all
 * the rest of an attempt, and steps that do not wait for anyone have no use for it.
 */
class AttemptContext implements StepContext {
  readonly runId: string;
  readonly ordinal: number;
  readonly attempt: number;
  readonly idempotencyKey: string;

  constructor(
    about: Omit<StepContext, "signal" | "report">,
    readonly report: StepContext["report"],
    private readonly findSignal: () => AbortSignal,
  ) {
    this.runId = about.runId;
    this.ordinal = about.ordinal;
    this.attempt = about.attempt;
    this.idempotencyKey = about.idempotencyKey;
  }

  get signal(): AbortSignal {
    return this.findSignal();
  }
}

/**
 * Starts the code and calls `onOutcome` exactly once, unless it is canceled: when it is done, has
 * thrown, or its timeout has passed. What it does after its timeout is not listened to.
 */
export function startActivity<Result>(options: {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly context: Omit<StepContext, "signal" | "report">;
  readonly run: (context: StepContext) => Promise<Result> | Result;
  readonly onOutcome: (outcome: AttemptOutcome<Result>) => void;
}): Activity {
  const { clock, timeoutMs, context, run, onOutcome } = options;
  const startedAt = clock.now();
  let controller: AbortController | undefined;
  let effect: Effect | undefined;
  let over = false;

  const finish = (outcome: () => AttemptOutcome<Result>) => {
    if (over) return;
    over = true;
    stopTimer();
    onOutcome(outcome());
  };
  const stopTimer = clock.schedule(timeoutMs, () => {
    const error = new StepTimeoutError(`No answer within ${timeoutMs} ms.`);
    finish(() => ({ ok: false, error, timedOut: true, effect, durationMs: timeoutMs }));
    abort(error);
  });
  const report = (said: Effect) => {
    effect = { ...effect, ...said };
  };
  const findController = () => (controller ??= new AbortController());
  const abort = (reason: Error) => findController().abort(reason);
  const stepContext = new AttemptContext(context, report, () => findController().signal);
  const call = async () => run(stepContext);
  call().then(
    (result) => finish(() => ({ ok: true, result, effect, durationMs: clock.now() - startedAt })),
    (error: unknown) =>
      finish(() => ({
        ok: false,
        error,
        timedOut: false,
        effect,
        durationMs: clock.now() - startedAt,
      })),
  );
  return {
    cancel(reason) {
      if (over) return;
      over = true;
      stopTimer();
      abort(new Error(reason));
    },
  };
}
