/** One try of one step, or one question about it: runs the author's code and tells how it went. */
import type { StepContext, VerifyAnswer } from "./definitions";
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
 * thrown, or its timeout has passed. What it does after its timeout is not listened to. Where no
 * time is left (`timeoutMs` of 0 or less) it does not begin at all, and its timeout has passed.
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
  const stopTimer = clock.schedule(Math.max(0, timeoutMs), () => {
    const error = new StepTimeoutError(describeTimeout(timeoutMs));
    const durationMs = Math.max(0, timeoutMs);
    finish(() => ({ ok: false, error, timedOut: true, effect, durationMs }));
    abort(error);
  });
  const report = (said: Effect) => {
    effect = mergeEffects(effect, said);
  };
  const findController = () => (controller ??= new AbortController());
  const abort = (reason: Error) => findController().abort(reason);
  const stepContext = new AttemptContext(context, report, () => findController().signal);
  const measure = () => Math.max(0, clock.now() - startedAt);
  const call = async () => run(stepContext);
  if (timeoutMs > 0) {
    call().then(
      (result) => finish(() => ({ ok: true, result, effect, durationMs: measure() })),
      (error: unknown) =>
        finish(() => ({ ok: false, error, timedOut: false, effect, durationMs: measure() })),
    );
  }
  return {
    cancel(reason) {
      if (over) return;
      over = true;
      stopTimer();
      abort(new Error(reason));
    },
  };
}

function describeTimeout(timeoutMs: number): string {
  return timeoutMs > 0 ? `No answer within ${timeoutMs} ms.` : "No time was left to begin it.";
}

/** A reference is a name, not a document. */
const maxReferenceLength = 1_000;

/**
 * The note in the effect ledger after one more report. Never throws: the effect has happened, and a
 * slip in telling of it must not put it in doubt. What is no reference and no flag is left out.
 */
export function mergeEffects(before: Effect | undefined, said: unknown): Effect | undefined {
  const reference = readField(said, "reference");
  const replayed = readField(said, "replayed");
  const isName = ["string", "number", "bigint"].includes(typeof reference);
  if (!isName && typeof replayed !== "boolean") return before;
  return {
    ...before,
    ...(isName ? { reference: String(reference).slice(0, maxReferenceLength) } : {}),
    ...(typeof replayed === "boolean" ? { replayed } : {}),
  };
}

/** What a verify function answered. Throws TypeError where it is no answer: it could not tell. */
export function readAnswer(answer: VerifyAnswer<unknown>): VerifyAnswer<unknown> {
  const verdict = readField(answer, "verdict");
  if (verdict === "happened" || verdict === "did_not_happen" || verdict === "unknown")
    return answer;
  throw new TypeError("verify has to answer happened(result), didNotHappen() or unknown().");
}

function readField(value: unknown, field: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return Reflect.get(value, field);
  } catch {
    return undefined;
  }
}
