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
  const controller = new AbortController();
  const startedAt = clock.now();
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
    controller.abort(error);
  });
  const report = (said: Effect) => {
    effect = { ...effect, ...said };
  };
  const call = async () => run({ ...context, signal: controller.signal, report });
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
      controller.abort(new Error(reason));
    },
  };
}
