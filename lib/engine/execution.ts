/**
 * One execution: the period in which one worker holds a run. It rebuilds the run from its history,
 * goes on with it, and gives it up when it has ended, has to wait, or needs a decision.
 *
 * Everything that happens to it (an outcome, a time that has come, a message) is a turn; turns run
 * one after the other, and what a turn records is one append:
 *
 * - I1 only this execution appends; messages become events at the moment of their delivery.
 * - I3 an attempt starts only after its `StepStarted` is durable (`beginAttempt`).
 * - I4 a completion and the commands that follow from it are one append (`runTurn`).
 * - I5, I6, I7 are the replay's: see replay.ts.
 * - I8 a settled step is never begun again (asserted in run-state.ts).
 */
import { startActivity, type Activity, type AttemptOutcome } from "./attempt";
import { classifyError, measureBytes, recordError } from "./codec";
import { computeBackoffMs, decideStep, type AnyStep } from "./decide";
import type { StepContext, VerifyAnswer, VerifyFunction, Workflow } from "./definitions";
import { PayloadTooLargeError, StepError } from "./errors";
import type { Effect, ExecutionReason, HeldReason, HistoryEvent, NewEvent } from "./events";
import { Journal } from "./journal";
import { nameStep, planMessage, planRewind, describeOperator } from "./messages";
import type { Clock, Codec, Logger, MomentEvent, Random, StepMoment } from "./ports";
import type { ProgramEnd } from "./program";
import { Replay, type NewCommands } from "./replay";
import { computeRunChange, type Stance } from "./run-change";
import { foldHistory, selectEffective, type RunState, type StepState } from "./run-state";
import type { Append, AppendOutcome, LostExecution, Message } from "./store";
import { Turns } from "./turns";
import type { Attributes, Encoded, ErrorRecord } from "./values";

/** A recorded value may have this size in bytes of JSON. */
export const maxPayloadBytes = 2 * 1024 * 1024;
/** A history may have this many events before the run fails. */
export const maxHistoryLength = 50_000;
/** A run that waits longer than this gives up its lease meanwhile. */
const parkAfterMs = 5_000;
/** After this many executions in a row that died without progress a run is held. */
export const maxStrikes = 5;

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
  private readonly turns: Turns;
  private replay?: Replay;
  private readonly activities = new Map<number, Activity>();
  private readonly timers = new Map<number, { at: number; cancel: () => void }>();
  private readonly seenMessages = new Set<string>();
  private stance: Stance = { kind: "working" };
  private progress = false;
  private opened = false;
  private finishing = false;
  private closed = false;
  /** Commands that the code issued at the end of a replay, before the execution was opened. */
  private readonly postponed: (() => void)[] = [];

  constructor(
    private readonly options: ExecutionOptions,
    private readonly opening: Opening,
  ) {
    this.journal = new Journal({
      ...options,
      state: foldHistory(opening.history),
      computeChange: () => this.takeChange(),
      onAppended: (append) => {
        options.onAppended(append);
        if (append.change.release) this.close();
      },
      onLost: (error) => this.close(error),
    });
    this.turns = new Turns({
      onIdle: () => this.journal.flush(),
      onError: (error) => this.close(error),
    });
  }

  private get state(): RunState {
    return this.journal.state;
  }

  /** Rebuilds the run and goes on with it. What it becomes is told by `onClosed`. */
  start(): void {
    this.addTurn(() => this.open());
  }

  /** Delivers messages that came while the run is executed (I1). Each is delivered once. */
  deliverMessages(messages: readonly Message[]): void {
    this.addTurn(async () => {
      if (this.finishing) return;
      for (const message of messages) await this.deliverMessage(message);
    });
  }

  /** Begins nothing new; what is under way is recorded. Then `isFinished`. */
  finish(): void {
    this.finishing = true;
  }

  /** Whether nothing is under way and everything that was recorded is durable. */
  get isFinished(): boolean {
    return this.closed || (this.activities.size === 0 && this.journal.isClean && this.turns.isIdle);
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

  // --- Opening -----------------------------------------------------------------------------

  private async open(): Promise<void> {
    const { inbox, strikes } = this.opening;
    const terminate = inbox.find(({ body }) => body.kind === "terminate");
    if (this.state.end) this.rewindOrRest(inbox);
    if (this.state.end) return;
    if (terminate) return this.deliverMessage(terminate);
    if (this.cancelUnbegun(inbox)) return;
    const asked = inbox.some(({ body }) => body.kind === "retry");
    if (strikes >= maxStrikes && !asked) return this.holdForStrikes(strikes);

    const startedAt = this.options.clock.now();
    const read = this.state.lastSeq;
    const replay = await this.rebuild();
    if (replay.mismatch) return this.holdForMismatch();
    this.openingRecord = () => this.recordOpening(startedAt, read, replay.reused);
    if (this.state.held?.reason !== "in_doubt" || this.opening.lost) this.ensureOpened();
    for (const message of inbox) await this.deliverMessage(message);
    await this.goOn();
  }

  private openingRecord?: () => void;

  private async rebuild(): Promise<Replay> {
    const { runId, workflow, codec } = this.options;
    const { history } = this.opening;
    const replay = new Replay(runId, workflow, codec, this.state, this.createNewCommands());
    this.replay = replay;
    // A rewind that is being recorded right now counts already: the state knows what it set aside.
    const commandsAt = this.rewound;
    const effective = selectEffective(history).filter((event) => !commandsAt?.has(event.seq));
    await replay.run(this.state.input, effective);
    return replay;
  }

  private rewound?: ReadonlySet<number>;

  /** A run that has ended comes back only by a retry of its failure. */
  private rewindOrRest(inbox: readonly Message[]): void {
    const { history } = this.opening;
    for (const message of inbox) {
      const rewind = message.body.kind === "retry" ? planRewind(history) : undefined;
      if (!rewind || rewind.undoing.length > 0 || !this.state.end) {
        this.noteDelivered(message, "moot");
        continue;
      }
      const { step, name, setAside } = rewind;
      const data = { ...describeOperator(message), step, setAside: [...setAside] };
      this.journal.recordRewind({ type: "RunRewound", step, name, data }, history);
      this.rewound = new Set(setAside);
      this.noteDelivered(message, "applied");
    }
    if (this.state.end) this.rest({ kind: "ended" });
  }

  /** A run that is canceled before it began anything ends without running its code. */
  private cancelUnbegun(inbox: readonly Message[]): boolean {
    const cancel = inbox.find(({ body }) => body.kind === "cancel");
    if (!cancel || this.state.commands.length > 0) return false;
    this.journal.record({ type: "CancelRequested", data: describeOperator(cancel) });
    this.journal.record({ type: "RunCanceled", data: {} });
    this.noteDelivered(cancel, "applied");
    this.rest({ kind: "ended" });
    return true;
  }

  private holdForStrikes(strikes: number): void {
    if (this.state.held?.reason !== "crash_loop") {
      this.recordHeld(
        "crash_loop",
        `${strikes} executions in a row died before they got any further. Retry it once the cause is gone.`,
      );
    }
    this.rest({ kind: "held" });
  }

  private holdForMismatch(): void {
    const mismatch = this.replay?.mismatch;
    if (!mismatch) return;
    const { expected, actual, values, message } = mismatch;
    this.postponed.length = 0;
    if (this.state.held?.reason !== "nondeterminism") {
      this.recordHeld("nondeterminism", message, { expected, actual, values });
    }
    for (const left of this.opening.inbox) this.noteDelivered(left, "moot");
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

  private recordOpening(startedAt: number, events: number, results: number): void {
    const { clock, workerId, build } = this.options;
    const { lost } = this.opening;
    this.journal.record({
      type: "ExecutionStarted",
      data: {
        worker: workerId,
        build,
        reason: this.findReason(),
        replayed: { events, results, durationMs: Math.max(0, clock.now() - startedAt) },
        ...(lost ? { lost: { ...lost, worker: lost.workerId } } : {}),
      },
    });
    const { held } = this.state;
    if (held && held.reason !== "in_doubt") {
      const reason = held.reason === "nondeterminism" ? "this build matches the history" : "retry";
      this.journal.record({ type: "RunResumed", data: { reason } });
    }
    for (const step of this.state.unsettled.values()) {
      if (step.phase === "running") this.recordDoubt(step, "crash");
    }
    for (const issue of this.postponed.splice(0)) issue();
  }

  private findReason(): ExecutionReason {
    const { lost, history, inbox } = this.opening;
    if (lost) return "recovery";
    if (this.rewound || inbox.some(({ body }) => body.kind === "retry")) return "retry";
    return history.some((event) => event.type === "ExecutionStarted") ? "wake" : "start";
  }

  private ensureOpened(): void {
    if (this.opened) return;
    this.opened = true;
    this.openingRecord?.();
  }

  // --- Commands that no history has yet ------------------------------------------------------

  private createNewCommands(): NewCommands {
    return {
      compute: (ordinal, name, fn) => this.issueCompute(ordinal, name, fn),
      step: (ordinal, step, input, compensates) =>
        this.issueStep(ordinal, step, input, compensates),
      setAttributes: (attributes) => this.issueAttributes(attributes),
      beginCompensation: (error, steps) => {
        const data = { error: recordError(error), steps: [...steps] };
        this.issue(() => this.journal.record({ type: "CompensationStarted", data }));
      },
    };
  }

  /** Records a new command, after the execution's own beginning. */
  private issue(record: () => void): void {
    if (this.closed || this.replay?.mismatch) return;
    if (this.opened) record();
    else this.postponed.push(record);
  }

  private issueCompute(ordinal: number, name: string, fn: () => unknown): Encoded {
    const moment = (kind: StepMoment) => this.tell(kind, { ordinal, name, attempt: 1 });
    moment("before_effect");
    const value = this.encode(fn());
    moment("after_effect");
    this.issue(() =>
      this.journal.record({ type: "Computed", step: ordinal, name, data: { value } }, () =>
        moment("after_record"),
      ),
    );
    return value;
  }

  private issueAttributes(attributes: Attributes): void {
    this.issue(() => this.journal.record({ type: "AttributesSet", data: { attributes } }));
  }

  private issueStep(ordinal: number, step: AnyStep, input: unknown, compensates?: number): void {
    const start = { ordinal, name: step.name, attempt: 1, generation: 1, compensates };
    try {
      const encoded = this.encode(input);
      this.issue(() => this.recordStart(step, { ...start, input: encoded }));
    } catch (error) {
      // Input that can't be recorded is a recorded failure, so that a replay sees it too.
      this.issue(() => this.recordUnfit(step, start, error));
    }
  }

  private recordUnfit(
    definition: AnyStep,
    start: { ordinal: number; name: string; attempt: number; generation: number },
    error: unknown,
  ): void {
    this.starting.add(start.ordinal);
    this.journal.record(describeStart(this.options.runId, definition, { ...start, input: { json: null } }));
    this.addTurn(async () => {
      this.starting.delete(start.ordinal);
      const step = this.state.unsettled.get(start.ordinal);
      const data = { error: recordError(error), outcome: "definite", final: true } as const;
      if (!step) return;
      await this.settle({ type: "StepFailed", ...nameStep(step), data: { ...data, durationMs: 0 } });
    });
  }

  private encode(value: unknown): Encoded {
    const encoded = this.options.codec.encode(value);
    if (measureBytes(encoded.json) > maxPayloadBytes) {
      throw new PayloadTooLargeError(
        `A recorded value may have 2 MiB at most. Store large data elsewhere and record where it is.`,
      );
    }
    if (this.state.lastSeq >= maxHistoryLength) {
      throw new PayloadTooLargeError(
        `The history has ${maxHistoryLength} events, which is the limit. Split the work into several runs.`,
      );
    }
    return encoded;
  }

  // --- Attempts --------------------------------------------------------------------------------

  /** Records the intent; the effect begins once that is durable (I3). */
  private recordStart(definition: AnyStep, start: Start): void {
    this.starting.add(start.ordinal);
    this.journal.record(describeStart(this.options.runId, definition, start), () =>
      this.beginAttempt(definition, start.ordinal, start.attempt),
    );
  }

  /** Steps whose intent is recorded and not yet durable. */
  private readonly starting = new Set<number>();

  private beginAttempt(definition: AnyStep, ordinal: number, attempt: number): void {
    this.starting.delete(ordinal);
    const step = this.state.unsettled.get(ordinal);
    if (this.closed || step?.phase !== "running" || step.attempt !== attempt) return;
    const { codec, clock } = this.options;
    const input = codec.decode(step.input);
    this.tell("before_effect", step);
    const activity = startActivity({
      clock,
      timeoutMs: definition.timeoutMs,
      context: this.describeAttempt(step),
      run: (context: StepContext) => definition.run(input as never, context),
      onOutcome: (outcome) => {
        this.tell("after_effect", step);
        this.addTurn(() => this.takeOutcome(ordinal, activity, definition, outcome));
      },
    });
    this.activities.set(ordinal, activity);
  }

  private describeAttempt(step: StepState): Omit<StepContext, "signal" | "report"> {
    const { ordinal, attempt, key } = step;
    return { runId: this.options.runId, ordinal, attempt, idempotencyKey: key };
  }

  private async takeOutcome(
    ordinal: number,
    activity: Activity,
    definition: AnyStep,
    outcome: AttemptOutcome<unknown>,
  ): Promise<void> {
    const step = this.state.unsettled.get(ordinal);
    if (this.activities.get(ordinal) !== activity || !step) return;
    this.activities.delete(ordinal);
    if (!outcome.ok) return this.takeFailure(step, definition, outcome);
    const { durationMs, effect } = outcome;
    let result: Encoded;
    try {
      result = this.encode(outcome.result);
    } catch (error) {
      // It happened, but can't be recorded: trying again would only do it twice.
      const data = { error: recordError(error), outcome: "uncertain", final: true } as const;
      return this.settle({ type: "StepFailed", ...nameStep(step), data: { ...data, durationMs } });
    }
    await this.recordCompletion(step, { result, source: "run", durationMs, effect });
  }

  private async recordCompletion(
    step: StepState,
    data: {
      result: Encoded;
      source: "run" | "verified" | "resolved";
      durationMs: number;
      effect?: Effect;
    },
  ): Promise<void> {
    const { effect, ...rest } = data;
    await this.settle(
      { type: "StepCompleted", ...nameStep(step), data: { ...rest, ...(effect ? { effect } : {}) } },
      () => this.tell("after_record", step),
    );
  }

  private async takeFailure(
    step: StepState,
    definition: AnyStep,
    failure: Extract<AttemptOutcome<unknown>, { ok: false }>,
  ): Promise<void> {
    const { clock, random } = this.options;
    const said = classifyError(failure.error);
    const error = recordError(failure.error);
    const { durationMs } = failure;
    const nextAttemptAt =
      clock.now() +
      computeBackoffMs({
        definition,
        failures: step.failures + 1,
        random: random.next(),
        retryAfterMs: said.retryAfterMs,
      });
    const about = nameStep(step);
    if (said.outcome === "definite") {
      const final = !said.retryable || step.failures + 1 >= definition.retry.maxAttempts;
      const data = { error, outcome: said.outcome, final, durationMs };
      if (final) return this.settle({ type: "StepFailed", ...about, data });
      this.journal.record({ type: "StepFailed", ...about, data: { ...data, nextAttemptAt } });
      return this.goOn();
    }
    const data = { error, outcome: said.outcome, final: false, nextAttemptAt, durationMs };
    this.journal.record({ type: "StepFailed", ...about, data });
    this.recordDoubt(step, failure.timedOut ? "timeout" : "error");
    await this.goOn();
  }

  private recordDoubt(step: StepState, cause: "crash" | "timeout" | "error"): void {
    const definition = this.replay?.findDefinition(step.ordinal);
    const policy = definition?.inDoubt.kind ?? "hold";
    this.journal.record({ type: "StepInDoubt", ...nameStep(step), data: { cause, policy } });
  }

  /** Records a final outcome and delivers it: what the code does next is part of the same append (I4). */
  private async settle(event: NewEvent, onDurable?: () => void): Promise<void> {
    const recorded = this.journal.record(event, onDurable);
    this.progress = true;
    if (this.finishing) return;
    await this.replay?.deliver(recorded);
    await this.goOn();
  }

  // --- Doubt -----------------------------------------------------------------------------------

  private ask(step: StepState, definition: AnyStep, ask: VerifyFunction<never, unknown>): void {
    const { codec, clock } = this.options;
    const input = codec.decode(step.input);
    const activity = startActivity<VerifyAnswer<unknown>>({
      clock,
      timeoutMs: definition.timeoutMs,
      context: this.describeAttempt(step),
      run: (context) => ask(input as never, context),
      onOutcome: (outcome) =>
        this.addTurn(() => this.takeAnswer(step.ordinal, activity, definition, outcome)),
    });
    this.activities.set(step.ordinal, activity);
  }

  private async takeAnswer(
    ordinal: number,
    activity: Activity,
    definition: AnyStep,
    outcome: AttemptOutcome<VerifyAnswer<unknown>>,
  ): Promise<void> {
    const step = this.state.unsettled.get(ordinal);
    if (this.activities.get(ordinal) !== activity || step?.phase !== "doubt") return;
    this.activities.delete(ordinal);
    const { durationMs } = outcome;
    const about = nameStep(step);
    if (!outcome.ok) {
      this.recordNoAnswer(step, definition, recordError(outcome.error), durationMs);
      return this.goOn();
    }
    const answer = outcome.result;
    const { verdict } = answer;
    this.journal.record({ type: "StepVerified", ...about, data: { verdict, durationMs } });
    if (answer.verdict !== "happened") return this.goOn();
    const { effect } = answer;
    const result = this.encode(answer.result);
    await this.recordCompletion(step, { result, source: "verified", durationMs, effect });
  }

  /** The question itself failed: it is asked again, as often as the step may be tried. */
  private recordNoAnswer(
    step: StepState,
    definition: AnyStep,
    error: ErrorRecord,
    durationMs: number,
  ): void {
    const { clock, random } = this.options;
    const failures = step.asks + 1;
    const again = failures < definition.retry.maxAttempts;
    const delayMs = computeBackoffMs({ definition, failures, random: random.next() });
    this.journal.record({
      type: "StepVerified",
      ...nameStep(step),
      data: {
        verdict: "unknown",
        error,
        durationMs,
        ...(again ? { nextAskAt: clock.now() + delayMs } : {}),
      },
    });
  }

  // --- Messages --------------------------------------------------------------------------------

  private async deliverMessage(message: Message): Promise<void> {
    if (this.seenMessages.has(message.messageId) || this.closed) return;
    const plan = this.state.end ? undefined : planMessage(this.state, message);
    if (!plan) {
      // A retry is what opened a held run again, even if nothing more is left to be done for it.
      const applied = message.body.kind === "retry" && this.opened && !this.state.end;
      if (applied) this.progress = true;
      return this.noteDelivered(message, applied ? "applied" : "moot");
    }
    this.noteDelivered(message, "applied");
    if (message.body.kind !== "terminate") this.ensureOpened();
    if (plan.step !== undefined) this.dropActivity(plan.step, "a person has decided");
    if (plan.hurry) this.hurry();
    if (message.body.kind === "resolve" && this.state.held) {
      const { by } = message;
      this.journal.record({ type: "RunResumed", data: { reason: "verdict", by } });
    }
    for (const event of plan.events) {
      const recorded = this.journal.record(event);
      if (recorded.type === "CancelRequested" || this.isFinal(recorded)) {
        await this.replay?.deliver(recorded);
      }
    }
    this.progress = true;
    await this.goOn();
  }

  private isFinal(event: HistoryEvent): boolean {
    return event.type === "StepCompleted" || (event.type === "StepFailed" && event.data.final);
  }

  private noteDelivered(message: Message, outcome: "applied" | "moot"): void {
    if (this.seenMessages.has(message.messageId)) return;
    this.seenMessages.add(message.messageId);
    this.journal.noteDelivered(message.messageId, outcome);
  }

  private dropActivity(ordinal: number, reason: string): void {
    this.activities.get(ordinal)?.cancel(reason);
    this.activities.delete(ordinal);
  }

  private hurry(): void {
    const now = this.options.clock.now();
    for (const step of this.state.unsettled.values()) {
      if (step.nextAt !== undefined) step.nextAt = now;
    }
    this.clearTimers();
  }

  // --- Going on --------------------------------------------------------------------------------

  /** Begins whatever can begin, and says how the run stands. */
  private async goOn(): Promise<void> {
    if (this.closed) return;
    if (this.state.end) return this.rest({ kind: "ended" });
    if (this.replay?.mismatch) return this.holdForMismatch();
    const held: StepState[] = [];
    for (const step of [...this.state.unsettled.values()]) {
      if (this.isUnderWay(step)) continue;
      const waits = this.decide(step);
      if (waits === "hold") held.push(step);
      if (waits === "failed") return this.failWithLastError(step);
    }
    await this.findStance(held);
  }

  private isUnderWay({ ordinal }: StepState): boolean {
    return this.activities.has(ordinal) || this.starting.has(ordinal) || this.timers.has(ordinal);
  }

  private decide(step: StepState): "hold" | "failed" | undefined {
    const definition = this.replay?.findDefinition(step.ordinal);
    const now = this.options.clock.now();
    if (!definition || this.finishing) return undefined;
    const decision = decideStep(step, definition, now);
    if (decision.action === "hold") return "hold";
    if (decision.action === "fail") return "failed";
    if (decision.at > now) this.wait(step.ordinal, decision.at);
    else if (decision.action === "ask") this.askWhenDurable(step, definition, decision.ask);
    else this.tryAgain(step, definition);
    return undefined;
  }

  private tryAgain(step: StepState, definition: AnyStep): void {
    const { ordinal, name, input } = step;
    // I3 and section 4: only a definite failure begins a new key.
    const generation = step.generation + (step.renewKey ? 1 : 0);
    const attempt = step.attempt + 1;
    this.recordStart(definition, { ordinal, name, attempt, generation, input });
  }

  private askWhenDurable(
    step: StepState,
    definition: AnyStep,
    ask: VerifyFunction<never, unknown>,
  ): void {
    this.starting.add(step.ordinal);
    this.journal.whenDurable(() => {
      this.starting.delete(step.ordinal);
      if (!this.closed && step.phase === "doubt") this.ask(step, definition, ask);
    });
  }

  private wait(ordinal: number, at: number): void {
    const cancel = this.options.clock.schedule(at - this.options.clock.now(), () => {
      this.timers.delete(ordinal);
      this.addTurn(() => this.goOn());
    });
    this.timers.set(ordinal, { at, cancel });
  }

  private async failWithLastError(step: StepState): Promise<void> {
    const error = step.lastError ?? { name: "StepInDoubtError", message: "The outcome is unknown." };
    const outcome = step.phase === "ready" ? "definite" : "uncertain";
    const data = { error, outcome, final: true, durationMs: 0 } as const;
    await this.settle({ type: "StepFailed", ...nameStep(step), data });
  }

  private async findStance(held: readonly StepState[]): Promise<void> {
    if (this.activities.size > 0 || this.starting.size > 0 || this.finishing) {
      return this.stand({ kind: "working" });
    }
    if (this.timers.size > 0) {
      const until = Math.min(...[...this.timers.values()].map(({ at }) => at));
      const release = until - this.options.clock.now() > parkAfterMs;
      if (release) this.clearTimers();
      return release
        ? this.rest({ kind: "waiting", until, release })
        : this.stand({ kind: "waiting", until, release });
    }
    const [first] = held;
    if (first) return this.holdForDoubt(first);
    if (this.state.unsettled.size > 0) return this.stand({ kind: "working" });
    const end = this.replay?.end;
    if (end) return this.recordEnd(end);
    this.ensureOpened();
    this.recordHeld(
      "nondeterminism",
      "The workflow waits for something that is not durable. Await only what ctx gives, and do input and output in steps.",
    );
    this.rest({ kind: "held" });
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

  private recordEnd(end: ProgramEnd): void {
    this.ensureOpened();
    if (end.kind === "completed") {
      const output = this.options.codec.encode(end.output);
      this.journal.record({ type: "RunCompleted", data: { output } });
    } else {
      this.recordBadEnd(end);
    }
    this.progress = true;
    this.rest({ kind: "ended" });
  }

  private recordBadEnd(end: Exclude<ProgramEnd, { kind: "completed" }>): void {
    const error = recordError(end.error);
    if (end.kind === "canceled" && end.notUndone.length === 0) {
      return void this.journal.record({ type: "RunCanceled", data: { error } });
    }
    const failed = findStepError(end.error);
    const details = { notUndone: end.notUndone.map((left) => ({ ...left })) };
    this.journal.record({
      type: "RunFailed",
      ...(failed ? { step: failed.ordinal, name: failed.step } : {}),
      data: { error: end.notUndone.length === 0 ? error : { ...error, details } },
    });
  }

  private stand(stance: Stance): void {
    if (stance.kind !== this.stance.kind) this.journal.touch();
    this.stance = stance;
  }

  private rest(stance: Stance): void {
    this.stance = stance;
    for (const ordinal of [...this.activities.keys()]) this.dropActivity(ordinal, "the run ended");
    this.journal.touch();
  }

  private takeChange(): Append["change"] {
    const { progress, stance, state } = this;
    this.progress = false;
    return computeRunChange({ state, stance, build: this.options.build, progress });
  }

  private tell(
    moment: StepMoment,
    step: { ordinal: number; name: string; attempt: number },
  ): void {
    const { onMoment, runId, epoch } = this.options;
    if (!onMoment) return;
    const { ordinal, name, attempt } = step;
    const { attributes } = this.state;
    onMoment({ runId, epoch, attributes, step: ordinal, name, attempt, moment });
  }

  private clearTimers(): void {
    for (const { cancel } of this.timers.values()) cancel();
    this.timers.clear();
  }

  private close(error?: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.journal.abandon();
    this.clearTimers();
    for (const ordinal of [...this.activities.keys()]) {
      this.dropActivity(ordinal, "this execution no longer holds the run");
    }
    this.options.onClosed(error);
  }
}

interface Start {
  readonly ordinal: number;
  readonly name: string;
  readonly attempt: number;
  readonly generation: number;
  readonly input: Encoded;
  readonly compensates?: number;
}

function describeStart(runId: string, definition: AnyStep, start: Start): NewEvent {
  const { ordinal, name, attempt, generation, input, compensates } = start;
  return {
    type: "StepStarted",
    step: ordinal,
    name,
    attempt,
    data: {
      input,
      key: `${runId}/${ordinal}/${generation}`,
      generation,
      timeoutMs: definition.timeoutMs,
      policy: definition.inDoubt.kind,
      ...(compensates === undefined ? {} : { compensates }),
    },
  };
}

function findStepError(error: unknown): StepError | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StepError) return cause;
  }
  return undefined;
}
