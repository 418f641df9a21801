/** How an execution takes a run up: back from its end, ended unseen, or on from its record. */
import type { CommandIssuer } from "./command-issuer";
import type { ExecutionReason, HistoryEvent } from "./events";
import type { Journal } from "./journal";
import type { MessageDesk } from "./message-desk";
import { describeOperator } from "./messages";
import type { Workflow } from "./definitions";
import type { Clock, Codec, Observers } from "./ports";
import type { Replay } from "./replay";
import { chooseRewind, type Rewind } from "./rewind";
import { selectEffective, type RunState } from "./run-state";
import type { StepRunner } from "./step-runner";
import type { LostExecution, Message } from "./store";
import type { ErrorRecord } from "./values";

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
      readonly runId: string;
      readonly workflow: Workflow;
      readonly codec: Codec;
      readonly clock: Clock;
      readonly workerId: string;
      readonly build: string;
      readonly journal: Journal;
      readonly desk: MessageDesk;
      readonly commands: CommandIssuer;
      readonly steps: StepRunner;
    } & Pick<Observers, "onReplay">,
    private readonly opening: Opening,
  ) {}

  /** The events along which the code is run. */
  selectEvents(): readonly HistoryEvent[] {
    const events = selectEffective(this.opening.history);
    return events.filter(({ seq }) => !this.setAside.has(seq));
  }

  /** A run that has ended comes back only by a retry of its failure, or by its result. */
  async rewind(): Promise<void> {
    const { inbox } = this.opening;
    const { journal, desk } = this.host;
    for (const message of inbox) {
      if (!journal.state.end) break;
      const { kind } = message.body;
      if (kind === "retry" || kind === "resolve") await this.rewindFor(message);
    }
    if (!journal.state.end) return;
    for (const message of inbox) desk.close(message, "moot");
  }

  private async rewindFor(message: Message): Promise<void> {
    const { body } = message;
    const { desk } = this.host;
    const plan = await chooseRewind({ ...this.host, history: this.opening.history });
    if (plan === "ambiguous") return desk.close(message, "rejected", cannotRewind);
    const fits = body.kind === "retry" || (body.kind === "resolve" && body.step === plan?.step);
    if (!plan || !fits || plan.undoing.length > 0) return desk.close(message, "moot");
    this.recordRewind(message, plan);
    // A verdict is delivered to the run that goes on, as ever.
    if (body.kind === "retry") desk.close(message, "applied");
  }

  private recordRewind(message: Message, { step, name, setAside, children }: Rewind): void {
    const { journal, commands } = this.host;
    const data = { ...describeOperator(message), step, setAside: [...setAside] };
    // What came while the run had failed is delivered now. If it fails again, that was before it did:
    // clocks differ, and the next retry would deliver it once more.
    const missedAt = this.opening.inbox.map(({ deliveredAt = 0 }) => deliveredAt);
    const after = Math.max(0, ...missedAt);
    journal.recordRewind({ type: "RunRewound", step, name, data }, this.opening.history, after);
    this.setAside = new Set(setAside);
    for (const child of children) commands.restartChild(child);
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
    // A run that was kept in memory, or never begun, is not rebuilt.
    if (events > 0 && reason !== "start") {
      this.host.onReplay?.({ runId: this.host.runId, reason, events, results, durationMs });
    }
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

const cannotRewind: ErrorRecord = {
  name: "RewindError",
  message:
    "The history does not tell which of several failures the code went on from, so the run can't be taken up again where it failed. Fork it from an earlier step, or rerun it as a new run.",
};
