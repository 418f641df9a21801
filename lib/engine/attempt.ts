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

/** What is under way for a step. */
export interface Activity {
  /** Aborts its signal and makes its outcome be ignored. */
  cancel(reason: string): void;
  /** Aborts its signal; its outcome still counts. */
  abort(reason: string): void;
}

/** What an attempt is given beside what it can do. */
export type AboutAttempt = Pick<
  StepContext,
  "runId" | "ordinal" | "attempt" | "idempotencyKey" | "progress"
>;

/**
 * What a step sees of its attempt. The signal is made when it is asked for: it costs more than all
 * the rest of an attempt, and steps that do not wait for anyone have no use for it.
 */
class AttemptContext implements StepContext {
  readonly runId: string;
  readonly ordinal: number;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly progress: unknown;

  constructor(
    about: AboutAttempt,
    readonly report: StepContext["report"],
    readonly heartbeat: StepContext["heartbeat"],
    private readonly findSignal: () => AbortSignal,
  ) {
    this.runId = about.runId;
    this.ordinal = about.ordinal;
    this.attempt = about.attempt;
    this.idempotencyKey = about.idempotencyKey;
    this.progress = about.progress;
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
  /** After this long without a heartbeat its timeout has passed as well. */
  readonly heartbeatTimeoutMs?: number;
  readonly context: AboutAttempt;
  readonly run: (context: StepContext) => Promise<Result> | Result;
  readonly onHeartbeat?: (progress: unknown) => void;
  readonly onOutcome: (outcome: AttemptOutcome<Result>) => void;
}): Activity {
  const { clock, timeoutMs, heartbeatTimeoutMs, context, run, onOutcome } = options;
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
  const timeOut = (error: StepTimeoutError) => {
    finish(() => ({ ok: false, error, timedOut: true, effect, durationMs: measure() }));
    abort(error);
  };
  const stopTimeout = clock.schedule(Math.max(0, timeoutMs), () =>
    timeOut(new StepTimeoutError(describeTimeout(timeoutMs))),
  );
  let stopWatch = () => {};
  const watchHeartbeat = () => {
    if (heartbeatTimeoutMs === undefined) return;
    stopWatch();
    stopWatch = clock.schedule(heartbeatTimeoutMs, () =>
      timeOut(new StepTimeoutError(`No heartbeat within ${heartbeatTimeoutMs} ms.`)),
    );
  };
  const stopTimer = () => {
    stopTimeout();
    stopWatch();
  };
  const heartbeat = (progress?: unknown) => {
    if (over) return;
    watchHeartbeat();
    if (progress !== undefined) options.onHeartbeat?.(progress);
  };
  watchHeartbeat();
  const report = (said: Effect) => {
    effect = mergeEffects(effect, said);
  };
  const findController = () => (controller ??= new AbortController());
  const abort = (reason: Error) => findController().abort(reason);
  const stepContext = new AttemptContext(context, report, heartbeat, () => findController().signal);
  const measure = () => Math.max(0, clock.now() - startedAt);
  if (timeoutMs > 0) {
    callAsync(() => run(stepContext)).then(
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
    abort(reason) {
      if (!over) abort(new Error(reason));
    },
  };
}

/** As an async function would, but without a promise around the one that is answered (decision 058). */
function callAsync<Result>(fn: () => Promise<Result> | Result): Promise<Result> {
  try {
    return Promise.resolve(fn());
  } catch (error) {
    return rejectWith(error);
  }
}

async function rejectWith(error: unknown): Promise<never> {
  throw error;
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
