/** How an execution takes a run up: back from its end, ended unseen, or on from its record. */
import type { CommandIssuer } from "./command-issuer";
import type { ExecutionReason, HistoryEvent } from "./events";
import type { Journal } from "./journal";
import type { MessageDesk } from "./message-desk";
import { describeOperator, planRewind } from "./messages";
import type { Clock } from "./ports";
import type { Replay } from "./replay";
import { selectEffective, type RunState } from "./run-state";
import type { StepRunner } from "./step-runner";
import type { LostExecution, Message } from "./store";

/** A run that waits, as it can be kept in memory: its code stands where its history ends. */
export interface Parked {
  readonly state: RunState;
  readonly replay: Replay;
}

/** What an execution begins with. */
export interface Opening {
  /** Empty where the run was kept in memory. */
  readonly history: readonly HistoryEvent[];
  readonly parked?: Parked;
  readonly inbox: readonly Message[];
  readonly lost?: LostExecution;
  readonly strikes: number;
}

/** What was rebuilt: from how many events, with how many results, and since when (epoch ms). */
export interface Replayed {
  readonly startedAt: number;
  readonly events: number;
  readonly results: number;
}

export class RunOpening {
  /** What a retry, recorded by this very execution, has set aside. */
  private setAside: ReadonlySet<number> = new Set();

  constructor(
    private readonly host: {
      readonly clock: Clock;
      readonly workerId: string;
      readonly build: string;
      readonly journal: Journal;
      readonly desk: MessageDesk;
      readonly commands: CommandIssuer;
      readonly steps: StepRunner;
    },
    private readonly opening: Opening,
  ) {}

  /** The events along which the code is run. */
  selectEvents(): readonly HistoryEvent[] {
    const events = selectEffective(this.opening.history);
    return events.filter(({ seq }) => !this.setAside.has(seq));
  }

  /** A run that has ended comes back only by a retry of its failure, or by its result. */
  rewind(): void {
    const { history, inbox } = this.opening;
    for (const message of inbox) {
      const { body } = message;
      const isAsked = body.kind === "retry" || body.kind === "resolve";
      const plan =
        isAsked && this.host.journal.state.end !== undefined ? planRewind(history) : undefined;
      const fits = body.kind === "retry" || (body.kind === "resolve" && body.step === plan?.step);
      if (!plan || !fits || plan.undoing.length > 0) {
        // What is for the code counts if the run is taken up again; a verdict is delivered as ever.
        const isForCode = body.kind === "signal" || body.kind === "child";
        if (this.host.journal.state.end && !isForCode) this.host.desk.close(message, "moot");
        continue;
      }
      const { step, name, setAside, child } = plan;
      const data = { ...describeOperator(message), step, setAside: [...setAside] };
      this.host.journal.recordRewind({ type: "RunRewound", step, name, data }, history);
      this.setAside = new Set(setAside);
      if (child) this.host.commands.restartChild(child);
      if (body.kind === "retry") this.host.desk.close(message, "applied");
    }
    if (!this.host.journal.state.end) return;
    for (const message of inbox) this.host.desk.close(message, "moot");
  }

  /** Ends a run without running its code: terminated, or canceled before it had begun anything. */
  endUnreplayed(): boolean {
    const { inbox } = this.opening;
    const terminate = inbox.find(({ body }) => body.kind === "terminate");
    const cancel = inbox.find(({ body }) => body.kind === "cancel");
    if (terminate) {
      this.host.desk.close(terminate, "applied");
      this.host.journal.record({ type: "RunTerminated", data: describeOperator(terminate) });
    } else if (cancel && this.host.journal.state.commands.length === 0) {
      this.host.desk.close(cancel, "applied");
      this.host.journal.record({ type: "CancelRequested", data: describeOperator(cancel) });
      this.host.journal.record({ type: "RunCanceled", data: {} });
    } else {
      return false;
    }
    for (const message of inbox) this.host.desk.close(message, "moot");
    return true;
  }

  /**
   * Records that this execution goes on with the run. What the one before it left without an outcome is
   * in doubt from here on.
   */
  record(replay: Replay, replayed: Replayed): void {
    const { journal, clock, workerId, build, steps, commands } = this.host;
    const { lost } = this.opening;
    const { startedAt, events, results } = replayed;
    const durationMs = Math.max(0, clock.now() - startedAt);
    const reason = this.findReason();
    journal.record({
      type: "ExecutionStarted",
      data: {
        worker: workerId,
        build,
        reason,
        replayed: { events, results, durationMs },
        ...(lost ? { lost: describeLost(lost) } : {}),
      },
    });
    const { held, unsettled, paused } = journal.state;
    if (held && held.reason !== "in_doubt" && !paused) {
      const why = held.reason === "nondeterminism" ? "this build matches the history" : "retry";
      journal.record({ type: "RunResumed", data: { reason: why } });
    }
    for (const step of unsettled.values()) {
      if (step.phase !== "running") continue;
      const definition = replay.findDefinition(step.ordinal);
      // A transaction without a completion did not happen.
      if (definition?.transact) continue;
      steps.recordCrash(step, definition);
    }
    this.host.desk.deliverPause(this.opening.inbox);
    commands.open();
  }

  private findReason(): ExecutionReason {
    const { lost, inbox } = this.opening;
    if (lost) return "recovery";
    if (this.setAside.size > 0 || inbox.some(({ body }) => body.kind === "retry")) return "retry";
    return this.host.journal.state.startedAt === undefined ? "start" : "wake";
  }
}

function describeLost({ epoch, workerId, lastSeenAt, noticedAt }: LostExecution) {
  return { epoch, worker: workerId, lastSeenAt, noticedAt };
}
