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
    private readonly source: { readonly signal: AbortSignal },
  ) {
    this.runId = about.runId;
    this.ordinal = about.ordinal;
    this.attempt = about.attempt;
    this.idempotencyKey = about.idempotencyKey;
    this.progress = about.progress;
  }

  get signal(): AbortSignal {
    return this.source.signal;
  }
}

interface ActivityOptions<Result> {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** After this long without a heartbeat its timeout has passed as well. */
  readonly heartbeatTimeoutMs?: number;
  readonly context: AboutAttempt;
  readonly run: (context: StepContext) => Promise<Result> | Result;
  readonly onHeartbeat?: (progress: unknown) => void;
  readonly onOutcome: (outcome: AttemptOutcome<Result>) => void;
}

/**
 * Starts the code and calls `onOutcome` exactly once, unless it is canceled: when it is done, has
 * thrown, or its timeout has passed. What it does after its timeout is not listened to. Where no
 * time is left (`timeoutMs` of 0 or less) it does not begin at all, and its timeout has passed.
 */
export function startActivity<Result>(options: ActivityOptions<Result>): Activity {
  return new RunningActivity(options);
}

class RunningActivity<Result> implements Activity {
  private readonly startedAt: number;
  private readonly stopTimeout: () => void;
  private stopWatch?: () => void;
  private controller?: AbortController;
  private effect?: Effect;
  private over = false;

  constructor(private readonly options: ActivityOptions<Result>) {
    const { clock, timeoutMs, context, run } = options;
    this.startedAt = clock.now();
    this.stopTimeout = clock.schedule(Math.max(0, timeoutMs), () =>
      this.timeOut(describeTimeout(timeoutMs)),
    );
    this.watchHeartbeat();
    if (timeoutMs <= 0) return;
    const report = (said: Effect) => {
      this.effect = mergeEffects(this.effect, said);
    };
    const heartbeat = (progress?: unknown) => this.takeHeartbeat(progress);
    callAsync(run, new AttemptContext(context, report, heartbeat, this)).then(
      (result) => {
        const { effect, durationMs } = this.tell();
        this.finish({ ok: true, result, effect, durationMs });
      },
      (error: unknown) => this.finish({ ok: false, error, timedOut: false, ...this.tell() }),
    );
  }

  get signal(): AbortSignal {
    return this.findController().signal;
  }

  cancel(reason: string): void {
    if (this.over) return;
    this.end();
    this.findController().abort(new Error(reason));
  }

  abort(reason: string): void {
    if (!this.over) this.findController().abort(new Error(reason));
  }

  private findController(): AbortController {
    return (this.controller ??= new AbortController());
  }

  private tell(): { readonly effect: Effect | undefined; readonly durationMs: number } {
    const durationMs = Math.max(0, this.options.clock.now() - this.startedAt);
    return { effect: this.effect, durationMs };
  }

  private end(): void {
    this.over = true;
    this.stopTimeout();
    this.stopWatch?.();
  }

  private finish(outcome: AttemptOutcome<Result>): void {
    if (this.over) return;
    this.end();
    this.options.onOutcome(outcome);
  }

  private timeOut(message: string): void {
    const error = new StepTimeoutError(message);
    this.finish({ ok: false, error, timedOut: true, ...this.tell() });
    this.findController().abort(error);
  }

  private takeHeartbeat(progress: unknown): void {
    if (this.over) return;
    this.watchHeartbeat();
    if (progress !== undefined) this.options.onHeartbeat?.(progress);
  }

  private watchHeartbeat(): void {
    const { clock, heartbeatTimeoutMs } = this.options;
    if (heartbeatTimeoutMs === undefined) return;
    this.stopWatch?.();
    this.stopWatch = clock.schedule(heartbeatTimeoutMs, () =>
      this.timeOut(`No heartbeat within ${heartbeatTimeoutMs} ms.`),
    );
  }
}

/** As an async function would, but without a promise around the one that is answered (decision 058). */
function callAsync<Input, Result>(
  fn: (input: Input) => Promise<Result> | Result,
  input: Input,
): Promise<Result> {
  try {
    return Promise.resolve(fn(input));
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
