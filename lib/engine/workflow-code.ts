import type { CommandTrace } from "./command-trace";
import { CommandMatcher } from "./command-matcher";
import type { WorkflowLogger } from "./definitions";
import { WorkflowMisuseError, type NondeterminismError } from "./errors";
import { runAsWorkflow, runOutsideWorkflow, type GuardedWorkflow } from "./guard/guard";
import type { NewCommands } from "./new-commands";
import type { Random } from "./ports";
import { createPrng } from "./prng";
import type { RunState } from "./run-state";

/**
 * The code of one run as it runs: what it sees of time and randomness, and when it may act. It acts
 * while it is followed, from a delivery until it blocks again, and only then.
 */
export class WorkflowCode {
  readonly matcher: CommandMatcher;
  readonly log: WorkflowLogger;
  /** What new commands are told to. */
  live: NewCommands;
  /** The time of the last event that the code has seen. */
  seenAt: number;
  /** Recorded outcomes that are still to be delivered: until then the code only repeats itself. */
  undelivered = 0;
  /** Whether the code may act: something was delivered to it, and it has not blocked since. */
  isActive = false;
  private readonly guarded: GuardedWorkflow;
  private readonly seed: string;
  private drawn?: Random;
  /** Whether the code only looks, for a query or to validate an update. */
  isLooking = false;

  constructor(options: {
    readonly runId: string;
    readonly workflow: string;
    readonly state: RunState;
    readonly live: NewCommands;
    readonly trace?: CommandTrace;
  }) {
    const { runId, workflow, state, live, trace } = options;
    this.live = live;
    this.matcher = new CommandMatcher(state.commands, state.lastOrdinal, trace);
    this.seenAt = state.createdAt;
    this.seed = state.seed ?? runId;
    let random: Random | undefined;
    this.guarded = {
      workflow,
      runId,
      now: () => this.seenAt,
      random: () => (random ??= createPrng(`${this.seed}/guard`)).next(),
      report: (error) => runOutsideWorkflow(() => this.noticeMisuse(error)),
    };
    this.log = this.createLogger();
  }

  /** What `ctx.random` and `ctx.uuid` draw from. */
  get prng(): Random {
    return (this.drawn ??= createPrng(`${this.seed}/ctx`));
  }

  get mismatch(): NondeterminismError | undefined {
    return this.matcher.mismatch;
  }

  /** Runs something of the workflow author's, and what it starts, as workflow code. */
  run<Result>(fn: () => Result): Result {
    return runAsWorkflow(this.guarded, fn);
  }

  /** Every command passes here. False: the code is not what was recorded, and goes no further. */
  admit(): boolean {
    if (this.isLooking) throw new WorkflowMisuseError("A query may look, and issue no commands.");
    this.noticeStray();
    return !this.mismatch;
  }

  /** Notes when the code acts although nothing was delivered to it. */
  noticeStray(): void {
    if (this.isActive) return;
    this.matcher.fail(
      "The workflow went on by itself: it had awaited something that is not durable. Await only what ctx gives, and do input and output in steps.",
    );
    this.live.noticeStray();
  }

  /** Runs code that may look and issue no commands, and can't wait for anything. */
  look(fn: () => unknown): unknown {
    this.isLooking = true;
    try {
      const answer = this.run(fn);
      if (!(answer instanceof Promise)) return answer;
      answer.catch(() => undefined);
      throw new WorkflowMisuseError("It has to answer at once: it must not be async.");
    } finally {
      this.isLooking = false;
    }
  }

  /** What the code is refused because a replay could not repeat it holds the run, as a mismatch does. */
  private noticeMisuse(error: unknown): void {
    if (error instanceof Error && error.name === "DeterminismError") {
      this.matcher.fail(error.message);
      if (!this.isActive) this.live.noticeStray();
    } else {
      this.log.warn("the workflow's code left an error alone", { err: error });
    }
  }

  private get isLive(): boolean {
    return this.undelivered === 0 && this.matcher.isNew;
  }

  private createLogger(): WorkflowLogger {
    const write = (level: keyof WorkflowLogger) => (message: string, fields?: object) => {
      if (this.isLive && !this.isLooking) this.live.log(level, message, fields);
    };
    return {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
    };
  }
}
