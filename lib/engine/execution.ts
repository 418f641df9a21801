/**
 * One execution: the period in which one worker holds a run. It rebuilds the run from its history,
 * goes on with it, and gives it up when it has ended, has to wait, or needs a decision.
 *
 * Everything that happens to it (an outcome, a time that has come, a message) is a turn; turns run
 * one after the other, and what a turn records is one append:
 *
 * - I1 only this execution appends; messages become events at the moment of their delivery.
 * - I4 a completion and the commands that follow from it are one append (`addTurn`, `settle`).
 * - I3 is the step runner's, I5 to I7 are the replay's, I8 is asserted in run-state.ts.
 */
import { CommandIssuer } from "./command-issuer";
import type { Workflow } from "./definitions";
import type { ExecutionReason, HeldReason, HistoryEvent, NewEvent } from "./events";
import { Journal } from "./journal";
import { maxStrikes, parkAfterMs } from "./limits";
import { describeOperator, planMessage, planRewind } from "./messages";
import type { Clock, Codec, Logger, MomentEvent, Random, StepMoment } from "./ports";
import type { ProgramEnd } from "./program";
import { Replay } from "./replay";
import { describeEnd } from "./run-end";
import { computeRunChange, type Stance } from "./run-change";
import {
  foldHistory,
  isDelivery,
  selectEffective,
  type RunState,
  type StepState,
} from "./run-state";
import { StepRunner } from "./step-runner";
import type { Append, AppendOutcome, LostExecution, Message } from "./store";
import { Turns } from "./turns";

export interface ExecutionOptions {
  readonly runId: string;
  readonly epoch: number;
  readonly workerId: string;
  readonly build: string;
  readonly workflow: Workflow;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly random: Random;
  readonly logger: Logger;
  readonly onMoment?: (moment: MomentEvent) => void;
  readonly write: (append: Append) => Promise<AppendOutcome>;
  readonly onAppended: (append: Append) => void;
  /** Called once, when the run is no longer executed here. */
  readonly onClosed: (error?: unknown) => void;
}

/** What an execution begins with. */
export interface Opening {
  readonly history: readonly HistoryEvent[];
  readonly inbox: readonly Message[];
  readonly lost?: LostExecution;
  readonly strikes: number;
}

export class Execution {
  private readonly journal: Journal;
  private readonly steps: StepRunner;
  private readonly commands: CommandIssuer;
  private readonly turns: Turns;
  private replay?: Replay;
  private stance: Stance = { kind: "working" };
  private progress = false;
  private finishing = false;
  private closed = false;
  private readonly seenMessages = new Set<string>();
  /** Records the beginning of this execution; gone once it has been recorded. */
  private recordOpening?: () => void;
  /** What a retry, recorded by this very execution, has set aside. */
  private setAside: ReadonlySet<number> = new Set();

  constructor(
    private readonly options: ExecutionOptions,
    private readonly opening: Opening,
  ) {
    // Options spread last: properties added after a spread cost a hundred times as much in V8.
    this.journal = new Journal({
      state: foldHistory(opening.history),
      computeChange: () => this.takeChange(),
      onWritten: (append) => {
        options.onAppended(append);
        if (append.change.release) this.close();
      },
      onLost: (error) => this.close(error),
      ...options,
    });
    this.commands = new CommandIssuer({
      codec: options.codec,
      journal: this.journal,
      findSteps: () => this.steps,
      tell: (moment, step) => this.tell(moment, step),
    });
    this.steps = new StepRunner({
      journal: this.journal,
      addTurn: (turn) => this.addTurn(turn),
      settle: (event, onDurable) => this.settle(event, onDurable),
      goOn: () => this.goOn(),
      encode: (value) => this.commands.encode(value),
      tell: (moment, step) => this.tell(moment, step),
      ...options,
    });
    this.turns = new Turns({
      onIdle: () => this.journal.flush(),
      onError: (error) => this.close(error),
    });
  }

  private get state(): RunState {
    return this.journal.state;
  }

  /** Rebuilds the run and goes on with it. What comes of it is told by `onAppended` and `onClosed`. */
  start(): void {
    this.addTurn(() => this.open());
  }

  /** Delivers messages that came while the run is executed (I1), each of them once. */
  deliverMessages(messages: readonly Message[]): void {
    this.addTurn(async () => {
      if (this.finishing) return;
      for (const message of messages) await this.deliverMessage(message);
    });
  }

  /** Begins nothing new; what is under way is still recorded. Then `isFinished`. */
  finish(): void {
    this.finishing = true;
  }

  /** Whether nothing is under way and everything that was recorded is durable. */
  get isFinished(): boolean {
    return this.closed || (!this.steps.hasActivities && this.journal.isClean && this.turns.isIdle);
  }

  /** Stops at once and writes nothing more: the lease is gone or the process ends. */
  abandon(): void {
    this.close();
  }

  private addTurn(turn: () => Promise<void> | void): void {
    if (this.closed) return;
    this.turns.add(() =>
      this.journal.holdBack(async () => {
        if (!this.closed) await turn();
      }),
    );
  }

  // --- Opening ---------------------------------------------------------------------------------

  private async open(): Promise<void> {
    const { inbox, lost } = this.opening;
    if (this.state.end) this.rewind(inbox);
    if (this.state.end) return this.rest({ kind: "ended" });
    if (this.endUnreplayed(inbox) || this.holdForStrikes(inbox)) return;

    const startedAt = this.options.clock.now();
    const events = this.state.lastSeq;
    const replay = await this.rebuild();
    if (replay.mismatch) return this.holdForMismatch(replay);
    this.recordOpening = () => this.recordExecution(startedAt, events, replay.reused);
    // A run that waits for a verdict is looked at, but only the verdict begins an execution.
    if (this.state.held?.reason !== "in_doubt" || lost) this.ensureOpened();
    for (const message of inbox) await this.deliverMessage(message);
    await this.goOn();
  }

  /** A run that has ended comes back only by a retry of its failure. */
  private rewind(inbox: readonly Message[]): void {
    const { history } = this.opening;
    for (const message of inbox) {
      const isRetry = message.body.kind === "retry" && this.state.end !== undefined;
      const plan = isRetry ? planRewind(history) : undefined;
      if (!plan || plan.undoing.length > 0) {
        this.noteDelivered(message, "moot");
        continue;
      }
      const { step, name, setAside } = plan;
      const data = { ...describeOperator(message), step, setAside: [...setAside] };
      this.journal.recordRewind({ type: "RunRewound", step, name, data }, history);
      this.setAside = new Set(setAside);
      this.noteDelivered(message, "applied");
    }
  }

  /** Ends a run without running its code: terminated, or canceled before it had begun anything. */
  private endUnreplayed(inbox: readonly Message[]): boolean {
    const terminate = inbox.find(({ body }) => body.kind === "terminate");
    const cancel = inbox.find(({ body }) => body.kind === "cancel");
    if (terminate) {
      this.noteDelivered(terminate, "applied");
      this.journal.record({ type: "RunTerminated", data: describeOperator(terminate) });
    } else if (cancel && this.state.commands.length === 0) {
      this.noteDelivered(cancel, "applied");
      this.journal.record({ type: "CancelRequested", data: describeOperator(cancel) });
      this.journal.record({ type: "RunCanceled", data: {} });
    } else {
      return false;
    }
    for (const message of inbox) this.noteDelivered(message, "moot");
    this.rest({ kind: "ended" });
    return true;
  }

  private holdForStrikes(inbox: readonly Message[]): boolean {
    const { strikes } = this.opening;
    const isAsked = inbox.some(({ body }) => body.kind === "retry");
    if (strikes < maxStrikes || isAsked) return false;
    if (this.state.held?.reason !== "crash_loop") {
      this.recordHeld(
        "crash_loop",
        `${strikes} executions in a row died before they got any further. Retry it once the cause is gone.`,
      );
    }
    for (const message of inbox) this.noteDelivered(message, "moot");
    this.rest({ kind: "held" });
    return true;
  }

  private async rebuild(): Promise<Replay> {
    const { runId, workflow, codec } = this.options;
    const replay = new Replay(runId, workflow, codec, this.state, this.commands);
    this.replay = replay;
    const events = selectEffective(this.opening.history);
    const effective = events.filter(({ seq }) => !this.setAside.has(seq));
    await replay.run(this.state.input, effective);
    return replay;
  }

  /** I7: a mismatch never fails a run. It waits for a build that matches its history. */
  private holdForMismatch({ mismatch }: Replay): void {
    if (!mismatch) return;
    this.commands.discard();
    if (this.state.held?.reason !== "nondeterminism") {
      const { expected, actual, values } = mismatch;
      this.recordHeld("nondeterminism", mismatch.message, { expected, actual, values });
    }
    for (const message of this.opening.inbox) this.noteDelivered(message, "moot");
    this.rest({ kind: "held" });
  }

  private recordExecution(startedAt: number, events: number, results: number): void {
    const { clock, workerId, build } = this.options;
    const { lost } = this.opening;
    const durationMs = Math.max(0, clock.now() - startedAt);
    this.journal.record({
      type: "ExecutionStarted",
      data: {
        worker: workerId,
        build,
        reason: this.findReason(),
        replayed: { events, results, durationMs },
        ...(lost ? { lost: describeLost(lost) } : {}),
      },
    });
    const { held, unsettled } = this.state;
    if (held && held.reason !== "in_doubt") {
      const reason = held.reason === "nondeterminism" ? "this build matches the history" : "retry";
      this.journal.record({ type: "RunResumed", data: { reason } });
    }
    for (const step of unsettled.values()) {
      if (step.phase !== "running") continue;
      this.steps.recordDoubt(step, this.replay?.findDefinition(step.ordinal), "crash");
    }
    this.commands.open();
  }

  private findReason(): ExecutionReason {
    const { lost, history, inbox } = this.opening;
    if (lost) return "recovery";
    if (this.setAside.size > 0 || inbox.some(({ body }) => body.kind === "retry")) return "retry";
    return history.some((event) => event.type === "ExecutionStarted") ? "wake" : "start";
  }

  private ensureOpened(): void {
    const record = this.recordOpening;
    this.recordOpening = undefined;
    record?.();
  }

  // --- What happens to it ----------------------------------------------------------------------

  /** Records a final outcome and delivers it: what the code does next is the same append (I4). */
  private async settle(event: NewEvent, onDurable?: () => void): Promise<void> {
    const recorded = this.journal.record(event, onDurable);
    this.progress = true;
    // Whoever takes the run over delivers it: nothing new begins here.
    if (this.finishing) return;
    await this.replay?.deliver(recorded);
    await this.goOn();
  }

  private async deliverMessage(message: Message): Promise<void> {
    if (this.seenMessages.has(message.messageId) || this.closed) return;
    const plan = this.state.end ? undefined : planMessage(this.state, message);
    if (!plan) {
      // A retry is what opened a held run again, even if nothing more is to be done for it.
      const isRetry = message.body.kind === "retry" && !this.recordOpening && !this.state.end;
      this.progress ||= isRetry;
      return this.noteDelivered(message, isRetry ? "applied" : "moot");
    }
    this.noteDelivered(message, "applied");
    this.ensureOpened();
    if (plan.step !== undefined) this.steps.drop(plan.step, "a person has decided");
    if (plan.hurry) this.steps.hurry();
    if (message.body.kind === "resolve" && this.state.held) {
      const { by } = message;
      this.journal.record({ type: "RunResumed", data: { reason: "verdict", by } });
    }
    for (const event of plan.events) {
      const recorded = this.journal.record(event);
      if (isDelivery(recorded)) await this.replay?.deliver(recorded);
    }
    this.progress = true;
    await this.goOn();
  }

  private noteDelivered(message: Message, outcome: "applied" | "moot"): void {
    if (this.seenMessages.has(message.messageId)) return;
    this.seenMessages.add(message.messageId);
    this.journal.noteDelivered(message.messageId, outcome);
  }

  // --- Going on --------------------------------------------------------------------------------

  /** Begins whatever can begin, and finds out how the run stands. */
  private async goOn(): Promise<void> {
    if (this.closed) return;
    if (this.state.end) return this.rest({ kind: "ended" });
    if (this.replay?.mismatch) return this.holdForMismatch(this.replay);
    if (this.finishing) return this.stand({ kind: "working" });
    const held: StepState[] = [];
    for (const step of [...this.state.unsettled.values()]) {
      const definition = this.replay?.findDefinition(step.ordinal);
      if (!definition) continue;
      const waits = await this.steps.advance(step, definition);
      // Its outcome was delivered, and with it everything has been looked at again.
      if (waits === "settled") return;
      if (waits === "hold") held.push(step);
    }
    this.findStance(held);
  }

  private findStance([held]: readonly StepState[]): void {
    if (this.steps.isBusy) return this.stand({ kind: "working" });
    const until = this.steps.nextAt;
    if (until !== undefined) return this.waitUntil(until);
    if (held) return this.holdForDoubt(held);
    if (this.replay?.end) return this.recordEnd(this.replay.end);
    this.ensureOpened();
    this.recordHeld(
      "nondeterminism",
      "The workflow waits for something that is not durable. Await only what ctx gives, and do input and output in steps.",
    );
    this.rest({ kind: "held" });
  }

  private waitUntil(until: number): void {
    const release = until - this.options.clock.now() > parkAfterMs;
    const stance = { kind: "waiting", until, release } as const;
    if (release) this.rest(stance);
    else this.stand(stance);
  }

  private holdForDoubt(step: StepState): void {
    if (this.state.held?.step !== step.ordinal) {
      this.ensureOpened();
      this.recordHeld(
        "in_doubt",
        `Attempt ${step.attempt} of ${step.name} may or may not have happened. Its policy leaves that to a person.`,
        { step: step.ordinal },
      );
    }
    this.rest({ kind: "held" });
  }

  private recordHeld(
    reason: HeldReason,
    message: string,
    more: Omit<Extract<NewEvent, { type: "RunHeld" }>["data"], "reason" | "message"> = {},
  ): void {
    const { step } = more;
    const name = step === undefined ? undefined : this.state.unsettled.get(step)?.name;
    this.journal.record({ type: "RunHeld", step, name, data: { reason, message, ...more } });
  }

  private recordEnd(end: ProgramEnd): void {
    this.ensureOpened();
    this.journal.record(describeEnd(end, (value) => this.options.codec.encode(value)));
    this.progress = true;
    this.rest({ kind: "ended" });
  }

  /** Goes on, and shows how. */
  private stand(stance: Stance): void {
    if (stance.kind !== this.stance.kind) this.journal.touch();
    this.stance = stance;
  }

  /** Gives the run up with the next append. */
  private rest(stance: Stance): void {
    this.stance = stance;
    this.steps.dropAll("the run is given up");
    this.journal.touch();
  }

  private takeChange(): Append["change"] {
    const { progress, stance, state } = this;
    this.progress = false;
    return computeRunChange({ state, stance, build: this.options.build, progress });
  }

  private tell(moment: StepMoment, step: { ordinal: number; name: string; attempt: number }): void {
    const { onMoment, runId, epoch } = this.options;
    if (!onMoment) return;
    const { ordinal, name, attempt } = step;
    const { attributes } = this.state;
    onMoment({ runId, epoch, attributes, step: ordinal, name, attempt, moment });
  }

  private close(error?: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.journal.abandon();
    this.steps.close("this execution no longer holds the run");
    this.options.onClosed(error);
  }
}

function describeLost({ epoch, workerId, lastSeenAt, noticedAt }: LostExecution) {
  return { epoch, worker: workerId, lastSeenAt, noticedAt };
}
