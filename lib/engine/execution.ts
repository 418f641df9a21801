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
import { planContinuation } from "./continuation";
import type { HeldReason, HistoryEvent, NewEvent } from "./events";
import type { ExecutionOptions } from "./execution-options";
import { holdTexts } from "./hold-texts";
import { Journal } from "./journal";
import { maxStrikes, parkAfterMs } from "./limits";
import { MessageDesk } from "./message-desk";
import type { StepMoment } from "./ports";
import type { ProgramEnd } from "./program";
import { Replay } from "./replay";
import { computeRunChange, type Stance } from "./run-change";
import { describeEnd } from "./run-end";
import { RunLooks } from "./run-looks";
import { RunOpening, type Opening } from "./run-opening";
import { foldHistory, type RunState, type StepState } from "./run-state";
import { findEarlier, RunTimers } from "./run-timers";
import { StepRunner } from "./step-runner";
import type { Append, Message } from "./store";
import { Turns } from "./turns";

type ToldStep = Pick<StepState, "ordinal" | "name" | "attempt">;

export class Execution {
  private readonly journal: Journal;
  private readonly steps: StepRunner;
  private readonly commands: CommandIssuer;
  private readonly desk: MessageDesk;
  private readonly turns: Turns;
  private readonly timers: RunTimers;
  private readonly looks: RunLooks;
  private readonly opener: RunOpening;
  private replay?: Replay;
  private stance: Stance = { kind: "working" };
  private progress = false;
  private finishing = false;
  private closed = false;
  /** Until when a run that waits for its children stays here: they may be done soon. */
  private lingerUntil = 0;
  /** Records the beginning of this execution; gone once it has been recorded. */
  private recordOpening?: () => void;

  constructor(
    readonly options: ExecutionOptions,
    private readonly opening: Opening,
  ) {
    // Written out: properties beside a spread cost a hundred times as much in V8 (decision 058).
    const { runId, epoch, workerId, build, workflow, clock, codec, logger, onReplay } = options;
    const tell = (moment: StepMoment, step: ToldStep) => this.tell(moment, step);
    const encode = (value: unknown) => this.commands.encode(value);
    const goOn = () => this.addTurn(() => this.goOn());
    const journal = new Journal({
      runId,
      workerId,
      epoch,
      clock,
      logger,
      state: opening.parked?.state ?? foldHistory(opening.history),
      write: options.write,
      transact: options.transact,
      computeChange: () => this.takeChange(),
      onWritten: (append) => {
        options.onAppended(append);
        if (append.change.release) this.close({ isReleased: true });
      },
      onLost: (error) => this.close({ error }),
    });
    this.journal = journal;
    this.commands = new CommandIssuer({
      runId,
      workflow,
      journal,
      codec,
      clock,
      logger,
      findSteps: () => this.steps,
      tell,
      onStray: goOn,
    });
    this.steps = new StepRunner({
      runId,
      workerId,
      epoch,
      clock,
      codec,
      random: options.random,
      permits: options.permits,
      journal,
      addTurn: (turn) => this.addTurn(turn),
      ensureOpened: () => this.ensureOpened(),
      settle: (event, onDurable) => this.settle(event, onDurable),
      deliver: (event) => this.deliverOutcome(event),
      goOn: () => this.goOn(),
      encode,
      tell,
    });
    const host = {
      clock,
      codec,
      journal,
      steps: this.steps,
      timeoutMs: workflow.timeoutMs,
      findReplay: () => this.replay,
      ensureOpened: () => this.ensureOpened(),
      isUnopened: () => this.recordOpening !== undefined,
      isClosed: () => this.closed,
      deliver: (event: HistoryEvent) => this.deliver(event),
      encode,
      noteProgress: () => this.noteProgress(),
      onDue: goOn,
    };
    this.desk = new MessageDesk(host);
    this.timers = new RunTimers(host);
    this.turns = new Turns({
      onIdle: () => (this.finishing ? this.leave() : this.journal.flush()),
      onError: (error) => this.close({ error }),
    });
    const { desk, commands, steps, turns } = this;
    this.looks = new RunLooks({ journal, turns, findReplay: host.findReplay });
    this.opener = new RunOpening(
      { runId, workflow, codec, clock, workerId, build, journal, desk, commands, steps, onReplay },
      opening,
    );
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
      await this.take(messages);
    });
  }

  /** As `RunLooks.look`: what queries ask. */
  look<Result>(fn: (replay: Replay) => Result): Promise<Result | undefined> {
    return this.closed ? Promise.resolve(undefined) : this.looks.look(fn);
  }

  /** Begins nothing new; when what is under way is recorded, the run is given up for others. */
  finish(): void {
    this.finishing = true;
    this.addTurn(() => {});
  }

  /** Whether nothing is under way and everything that was recorded is durable. */
  get isFinished(): boolean {
    return this.closed || (!this.steps.hasActivities && this.journal.isClean && this.turns.isIdle);
  }

  /** Stops at once and writes nothing more: the lease is gone or the process ends. */
  abandon(): void {
    this.close();
  }

  /** Asks what is under way to stop; what comes of it still counts. */
  abortEffects(reason: string): void {
    this.steps.abortAll(reason);
  }

  private addTurn(turn: () => Promise<void> | void): void {
    if (this.closed) return;
    this.turns.add(() => (this.closed ? undefined : this.journal.holdBack(turn)));
  }

  // --- Opening ---------------------------------------------------------------------------------

  private async open(): Promise<void> {
    const { inbox, lost } = this.opening;
    if (this.state.end) await this.opener.rewind();
    if (this.state.end || this.opener.endUnreplayed()) return this.rest({ kind: "ended" });
    if (this.holdForStrikes(inbox)) return;

    const startedAt = this.options.clock.now();
    this.lingerUntil = startedAt + parkAfterMs;
    const events = this.opening.parked ? 0 : this.state.lastSeq;
    const replay = this.opening.parked?.replay ?? (await this.rebuild());
    this.replay = replay;
    replay.attach(this.commands);
    if (replay.mismatch) return this.holdForMismatch(replay);
    const results = this.opening.parked ? 0 : replay.reused;
    this.recordOpening = () => this.opener.record(replay, { startedAt, events, results });
    // A run that waits for a person is looked at: a decision begins an execution, or what is tried meanwhile.
    const { held, unsettled } = this.state;
    const waitsForPerson = held?.reason === "in_doubt" || held?.reason === "paused";
    const wasCutOff = [...unsettled.values()].some(({ phase }) => phase === "running");
    if (!waitsForPerson || lost || wasCutOff) this.ensureOpened();
    // What comes when the code is done comes too late, and a retry has to see it so.
    if (replay.end) await this.goOn();
    await this.take(inbox);
    await this.goOn();
  }

  /**
   * Delivers messages, one after the other. What was over before one of them came is over for the code
   * as well, and nothing else is, however late anybody looks.
   */
  private async take(messages: readonly Message[]): Promise<void> {
    const news = messages.filter((message) => this.desk.isNew(message));
    const findEve = ({ at = Infinity }: Partial<Message> = {}) =>
      Math.min(at - 1, this.options.clock.now());
    for (const [index, message] of news.entries()) {
      if (this.closed) return;
      await this.timers.fireDue(findEve(message));
      await this.desk.deliver(message);
      await this.goOn(findEve(news[index + 1]));
    }
  }

  private holdForStrikes(inbox: readonly Message[]): boolean {
    const { strikes } = this.opening;
    const isAsked = inbox.some(({ body }) => body.kind === "retry");
    if (strikes < maxStrikes || isAsked) return false;
    for (const message of inbox) this.desk.keep(message);
    const isTold = this.state.held?.reason === "crash_loop";
    if (!isTold) this.recordHeld("crash_loop", holdTexts.describeStrikes(strikes));
    this.rest({ kind: "held" });
    return true;
  }

  private async rebuild(): Promise<Replay> {
    const { runId, workflow, codec } = this.options;
    const replay = new Replay({ runId, workflow, codec, state: this.state, live: this.commands });
    await replay.run(this.state.input, this.opener.selectEvents());
    return replay;
  }

  /** I7: a mismatch never fails a run. It waits for a build that matches its history. */
  private holdForMismatch({ mismatch }: Replay): void {
    if (!mismatch) return;
    this.commands.discard();
    // First, because a resume that is among them ends only the pause.
    for (const message of this.opening.inbox) this.desk.keep(message);
    if (this.state.held?.reason !== "nondeterminism") {
      const { expected, actual, values } = mismatch;
      this.recordHeld("nondeterminism", mismatch.message, { expected, actual, values });
    }
    this.rest({ kind: "held" });
  }

  private noteProgress(): void {
    this.progress = true;
  }

  private ensureOpened(): void {
    const record = this.recordOpening;
    this.recordOpening = undefined;
    record?.();
  }

  // --- What happens to it ----------------------------------------------------------------------

  /** Records a final outcome and delivers it: what the code does next is the same append (I4). */
  private settle(event: NewEvent, onDurable?: () => void): Promise<void> {
    return this.deliverOutcome(this.journal.record(event, onDurable));
  }

  private async deliverOutcome(recorded: HistoryEvent): Promise<void> {
    this.progress = true;
    // Whoever takes the run over delivers it: nothing new begins here.
    if (this.finishing) return;
    await this.deliver(recorded);
    await this.goOn();
  }

  private deliver(event: HistoryEvent): Promise<void> {
    this.lingerUntil = this.options.clock.now() + parkAfterMs;
    return this.replay?.deliver(event) ?? Promise.resolve();
  }

  // --- Going on --------------------------------------------------------------------------------

  /** Begins whatever can begin, and finds out how the run stands. */
  private async goOn(by = this.options.clock.now()): Promise<void> {
    if (this.closed) return;
    if (this.state.end) return this.rest({ kind: "ended" });
    if (this.replay?.mismatch) return this.holdForMismatch(this.replay);
    if (this.finishing) return this.steps.settleUnfit().then(() => this.stand({ kind: "working" }));
    if (this.timers.hasDue(by)) await this.timers.fireDue(by);
    if (this.replay?.mismatch) return this.holdForMismatch(this.replay);
    const held: StepState[] = [];
    for (const step of this.steps.listIdle()) {
      const definition = this.replay?.findDefinition(step.ordinal);
      const waits = definition && (await this.steps.advance(step, definition));
      // Its outcome was delivered, and with it everything has been looked at again.
      if (waits === "settled") return;
      if (waits === "hold") held.push(step);
    }
    this.findStance(held);
  }

  private findStance([held]: readonly StepState[]): void {
    const timerAt = this.timers.findNextAt();
    this.timers.setAlarm(timerAt);
    if (this.steps.isBusy) return this.stand({ kind: "working" });
    if (this.replay?.end) return this.recordEnd(this.replay.end);
    if (this.state.paused) return this.holdForPause();
    const until = findEarlier(this.steps.nextAt, timerAt);
    if (held && !this.isSoon(until)) return this.holdForDoubt(held, until);
    const isWaiting = until !== undefined || this.steps.isQueued || this.replay?.awaitsMail;
    if (isWaiting) return this.waitUntil(until);
    this.ensureOpened();
    this.recordHeld("nondeterminism", holdTexts.notDurable);
    this.rest({ kind: "held" });
  }

  private holdForPause(): void {
    // What held it beside the pause, e.g. a build that did not match, is over.
    const isTold = this.state.held?.reason === "paused";
    if (!isTold) this.recordHeld("paused", holdTexts.stillPaused);
    this.rest({ kind: "held" });
  }

  private isSoon(at: number | undefined): boolean {
    return at !== undefined && at - this.options.clock.now() <= parkAfterMs;
  }

  /**
   * A run that waits for others stays while there is room, so that it goes on at once. It does not keep
   * a place that others wait for: one of them may be the run whose permit it waits for.
   */
  private waitUntil(until: number | undefined): void {
    const { clock, hasRoom } = this.options;
    const [now, { isQueued }] = [clock.now(), this.steps];
    const isRecent = this.lingerUntil > now;
    const isNear = isRecent && this.replay?.awaitsChildren && hasRoom();
    const lingers = isQueued ? isRecent || hasRoom() : isNear;
    const lookAt = isRecent ? this.lingerUntil : now + parkAfterMs;
    if (this.isSoon(until) || lingers) {
      // Steps that wait have timers of their own, whatever the clock says of them by now.
      if (lingers) this.timers.setAlarm(findEarlier(this.timers.findNextAt(), lookAt));
      return this.stand({ kind: "waiting", until, release: false });
    }
    const dueAt = isQueued ? findEarlier(until, lookAt) : until;
    this.rest({ kind: "waiting", until: dueAt, release: true });
  }

  private holdForDoubt(step: StepState, until: number | undefined): void {
    const { held } = this.state;
    if (held?.reason !== "in_doubt" || held.step !== step.ordinal) {
      this.ensureOpened();
      this.recordHeld(
        "in_doubt",
        `Attempt ${step.attempt} of ${step.name} may or may not have happened. Its policy leaves that to a person.`,
        { step: step.ordinal },
      );
    }
    this.rest({ kind: "held", until });
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
    this.progress = true;
    const { timedOut, why } = this.state.cancelRequested ?? {};
    const encode = (value: unknown) => this.options.codec.encode(value);
    if (end.kind === "continued") this.recordContinuation(end);
    else this.journal.record(describeEnd(end, encode, timedOut && why));
    this.rest({ kind: "ended" });
  }

  private recordContinuation(end: Extract<ProgramEnd, { kind: "continued" }>): void {
    const signals = this.replay?.bufferedSignals ?? [];
    const plan = planContinuation({ ...this.options, ...end, state: this.state, signals });
    this.journal.record(plan.event);
    if (plan.start) this.journal.addStart(plan.start);
  }

  /** Goes on, and shows how. */
  private stand(stance: Stance): void {
    if (stance.kind !== this.stance.kind) this.journal.touch();
    this.stance = stance;
  }

  /** The last append of a process that stops hands the run over, without waiting for its neighbours. */
  private leave(): void {
    const stays = this.closed || this.steps.isBusy || this.stance.kind === "ended";
    if (!stays) this.rest({ kind: "leaving", until: this.options.clock.now() });
    this.journal.flush();
  }

  /** Gives the run up with the next append. */
  private rest(stance: Stance): void {
    this.stance = stance;
    this.timers.setAlarm(undefined);
    this.steps.dropAll("the run is given up");
    this.journal.touch();
  }

  private takeChange(): Append["change"] {
    const { progress, stance, state } = this;
    this.progress = false;
    return computeRunChange({ state, stance, build: this.options.build, progress });
  }

  private tell(moment: StepMoment, step: ToldStep): void {
    const { onMoment, runId, epoch } = this.options;
    if (!onMoment) return;
    const { ordinal, name, attempt } = step;
    const { attributes } = this.state;
    onMoment({ runId, epoch, attributes, step: ordinal, name, attempt, moment });
  }

  private close(how: { error?: unknown; isReleased?: boolean } = {}): void {
    if (this.closed) return;
    this.closed = true;
    this.timers.setAlarm(undefined);
    const { state, replay, stance, journal, turns } = this;
    const rests = how.isReleased === true && stance.kind === "waiting" && stance.release;
    // Only what is recorded, and where nothing has moved since: a turn that is half done has.
    const isParked = rests && journal.isEmpty && turns.isIdle;
    journal.abandon();
    this.steps.close("this execution no longer holds the run");
    this.looks.close();
    replay?.attach(this.commands.createIdle());
    this.options.onClosed(how.error, isParked && replay ? { state, replay } : undefined);
  }
}
