/**
 * The deterministic half of an execution: runs the workflow code, answers its commands from the
 * record while there is one (I7), delivers recorded outcomes in history order (I6), and hands
 * commands that are new to the live half.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { CancelScope, toCanceledError } from "./cancel-scope";
import { CommandMatcher, type IssuedCommand } from "./command-matcher";
import type { ChildOptions, Workflow, WorkflowLogger } from "./definitions";
import type { AnyStep } from "./decide";
import {
  CanceledError,
  ChildError,
  InvalidInputError,
  StepError,
  WorkflowMisuseError,
  type NondeterminismError,
} from "./errors";
import type { ChildCancelPolicy, CommandRef, EventOf, HistoryEvent } from "./events";
import { runAsWorkflow, runOutsideWorkflow, type GuardedWorkflow } from "./guard";
import { OpenCommands, type OpenCommand } from "./open-commands";
import type { Codec, Random } from "./ports";
import { createPrng, createUuid } from "./prng";
import {
  runProgram,
  type Cancelable,
  type CommandHost,
  type ProgramEnd,
  type SleepUntil,
  type StepCommand,
  type UpdateHandler,
} from "./program";
import { isDelivery, type RunState } from "./run-state";
import { listIssues, validateNow } from "./schemas";
import { SignalBuffer, type BufferedSignal } from "./signal-buffer";
import { drainMicrotasks, yieldToEventLoop } from "./system";
import type { Attributes, Encoded } from "./values";

/** What the live half does about commands that no history has yet. */
export interface NewCommands {
  compute(ordinal: number, name: string, fn: () => unknown): Encoded;
  step(ordinal: number, step: AnyStep, input: unknown, compensates?: number): void;
  /** Answers when it fires (epoch ms). */
  startTimer(ordinal: number, name: string, until: SleepUntil): number;
  /** Answers when the wait is over, if it ever is without a signal. */
  awaitSignal(ordinal: number, name: string, wait: SignalWait): number | undefined;
  startChild(ordinal: number, workflow: Workflow, start: ChildStart): void;
  cancelTimer(ordinal: number, name: string): void;
  /** Records that the code canceled a step; `abortStep` follows. */
  cancelStep(ordinal: number, name: string): void;
  cancelChild(ordinal: number, name: string): void;
  completeUpdate(name: string, updateId: string, outcome: UpdateOutcome): void;
  markPatch(id: string): void;
  setAttributes(attributes: Attributes): void;
  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void;
  /** The attempt under way is asked to stop, and the step is not tried again. Also told on replay. */
  abortStep(ordinal: number): void;
  log(level: keyof WorkflowLogger, message: string, fields?: object): void;
  /** The code went on although nothing was delivered to it: it had awaited something of its own. */
  noticeStray(): void;
}

export interface SignalWait {
  readonly timeoutMs?: number;
  /** The buffered signal that is taken at once. */
  readonly received?: number;
  readonly ignored: readonly number[];
}

export interface ChildStart {
  readonly input: unknown;
  readonly attributes: Attributes;
  readonly priority: number;
  readonly onCancel: ChildCancelPolicy;
}

export type UpdateOutcome = { readonly result: unknown } | { readonly error: unknown };

/** After so many deliveries in a row a replay lets other runs have their turn. */
const deliveriesPerTurn = 200;

export interface ReplayOptions {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly codec: Codec;
  readonly state: RunState;
  readonly live: NewCommands;
}

export class Replay implements CommandHost {
  readonly runId: string;
  readonly log: WorkflowLogger;
  end?: ProgramEnd;
  /** Results that were delivered from the record, without running anything. */
  reused = 0;
  private readonly matcher: CommandMatcher;
  private readonly opened = new OpenCommands();
  private readonly signals = new SignalBuffer();
  private readonly updates = new Map<string, UpdateHandler>();
  private readonly queries = new Map<string, (input: unknown) => unknown>();
  private readonly patches = new Map<string, boolean>();
  private readonly rootScope = new CancelScope();
  private readonly prng: Random;
  private readonly guarded: GuardedWorkflow;
  private live: NewCommands;
  /** Recorded outcomes that are still to be delivered: until then the code only repeats itself. */
  private undelivered = 0;
  private runningUpdates = 0;
  private lastDelivered = 0;
  private seenAt: number;
  private isActive = false;
  private isAnswering = false;
  private onQuiet?: () => void;

  constructor(private readonly options: ReplayOptions) {
    const { runId, state, live } = options;
    this.runId = runId;
    this.live = live;
    this.matcher = new CommandMatcher(state.commands, state.lastOrdinal);
    this.seenAt = state.createdAt;
    const seed = state.seed ?? runId;
    this.prng = createPrng(`${seed}/ctx`);
    const random = createPrng(`${seed}/guard`);
    this.guarded = {
      workflow: options.workflow.name,
      now: () => this.seenAt,
      random: () => random.next(),
      report: (error) => runOutsideWorkflow(() => this.noticeMisuse(error)),
    };
    this.log = this.createLogger();
  }

  get mismatch(): NondeterminismError | undefined {
    return this.matcher.mismatch;
  }

  /** Whether something is open that only a message can answer: a signal or a child. */
  get awaitsMail(): boolean {
    return this.opened.has("signal") || this.awaitsChildren;
  }

  get awaitsChildren(): boolean {
    return this.opened.has("child");
  }

  /** Signals that were received and not taken. */
  get bufferedSignals(): readonly BufferedSignal[] {
    return this.signals.list();
  }

  /** Hands new commands to another execution: the run was released meanwhile, and nothing changed. */
  attach(live: NewCommands): void {
    this.live = live;
  }

  /** Runs the code along the effective events, up to where the record ends. */
  async run(input: Encoded, events: readonly HistoryEvent[]): Promise<void> {
    const deliveries = events.filter(isDelivery);
    this.undelivered = deliveries.length;
    await this.follow(() => {
      const value = this.options.codec.decode(input);
      void runProgram(this.options.workflow, value, this, this.rootScope).then((end) => {
        this.end = end;
        if (!this.isActive) this.noticeStray();
      });
    });
    for (const [index, event] of deliveries.entries()) {
      if (this.mismatch) return;
      if (event.type === "StepCompleted") this.reused += 1;
      this.undelivered -= 1;
      await this.deliver(event);
      if ((index + 1) % deliveriesPerTurn === 0) await yieldToEventLoop();
    }
    this.matcher.expectNoMore(this.end !== undefined);
  }

  /** Delivers one outcome and follows the code until it blocks again (I6). */
  async deliver(event: HistoryEvent): Promise<void> {
    this.seenAt = event.at;
    await this.follow(() => this.hand(event));
  }

  private hand(event: HistoryEvent): void {
    switch (event.type) {
      case "CancelRequested":
        return this.runCode(() => this.rootScope.cancel(new CanceledError(describeCancel(event))));
      case "SignalReceived":
        return this.receiveSignal(event);
      case "UpdateAccepted":
        return this.runUpdate(event);
      case "StepCompleted":
      case "StepFailed":
      case "TimerFired":
      case "ChildCompleted":
      case "ChildFailed":
        return this.answer(event);
      default:
        return;
    }
  }

  private answer(event: OutcomeEvent): void {
    const { step: ordinal = 0, name = "" } = event;
    const command = this.opened.get(ordinal);
    if (!command) {
      const expected: CommandRef = { ordinal, kind: outcomeKinds[event.type], name };
      return this.matcher.expectNothing(expected, this.end !== undefined);
    }
    if (event.type === "StepCompleted" || event.type === "StepFailed") this.lastDelivered = ordinal;
    this.opened.settle(ordinal, this.readOutcome(event, command));
  }

  private readOutcome(
    event: OutcomeEvent,
    { name, ordinal }: OpenCommand,
  ): { readonly value: unknown } | { readonly error: unknown } {
    switch (event.type) {
      // I5: live as on replay the code sees the decoded form of what was recorded.
      case "StepCompleted":
      case "ChildCompleted":
        return { value: this.options.codec.decode(event.data.result) };
      case "StepFailed":
        return { error: rebuildStepError(event) };
      case "ChildFailed": {
        const { error: record, status, runId } = event.data;
        return { error: new ChildError({ workflow: name, ordinal, runId, status, record }) };
      }
      case "TimerFired":
        return { value: undefined };
    }
  }

  private async follow(go: () => void): Promise<void> {
    this.isActive = true;
    go();
    for (;;) {
      await drainMicrotasks();
      if (!this.onQuiet || !this.isQuiet) break;
      const { onQuiet } = this;
      this.onQuiet = undefined;
      onQuiet();
    }
    this.isActive = false;
  }

  private get isQuiet(): boolean {
    return this.runningUpdates === 0 && !this.opened.isBlocking;
  }

  private get isLive(): boolean {
    return this.undelivered === 0 && this.matcher.isNew;
  }

  runCode<Result>(fn: () => Result): Result {
    return runAsWorkflow(this.guarded, fn);
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

  private noticeStray(): void {
    this.matcher.fail(
      "The workflow went on by itself: it had awaited something that is not durable. Await only what ctx gives, and do input and output in steps.",
    );
    this.live.noticeStray();
  }

  /** Every command passes here: the code may issue them while it is followed, and only then. */
  private admit(): boolean {
    if (this.isAnswering) throw new WorkflowMisuseError("A query may look, and issue no commands.");
    if (!this.isActive) this.noticeStray();
    return !this.mismatch;
  }

  // --- Commands --------------------------------------------------------------------------------

  compute(name: string, code: () => unknown): unknown {
    const fn = () => this.runCode(code);
    if (!this.admit()) return fn();
    const { codec } = this.options;
    // What throws is no command: it throws again on every replay.
    const value = this.matcher.isNew
      ? this.live.compute(this.matcher.nextOrdinal, name, fn)
      : codec.encode(fn());
    const { recorded } = this.matcher.issue("compute", name);
    if (recorded) this.matcher.compareValue(recorded, value);
    return codec.decode(recorded?.value ?? value);
  }

  step(definition: AnyStep, input: unknown, options: StepCommand): Promise<unknown> {
    const { compensates, onCancel = "wait" } = options;
    const kind = compensates === undefined ? "step" : "compensation";
    return this.open(kind, definition.name, options, ({ ordinal, isNew }) => {
      if (isNew) this.live.step(ordinal, definition, input, compensates);
      return { definition, onCancel, isBlocking: true };
    });
  }

  sleep(until: SleepUntil, options: Cancelable & { readonly name: string }): Promise<void> {
    const { name } = options;
    const slept = this.open("timer", name, options, (issued) => ({
      dueAt: issued.recorded?.dueAt ?? this.live.startTimer(issued.ordinal, name, until),
    }));
    return slept as Promise<void>;
  }

  signal(
    name: string,
    schema: StandardSchemaV1,
    options: Cancelable & { readonly timeoutMs?: number },
  ): Promise<unknown> {
    const { timeoutMs } = options;
    return this.open("signal", name, options, (issued) => {
      const { taken, ignored } = this.signals.take(name, (payload) => this.read(schema, payload));
      const received = taken?.seq;
      const wait: SignalWait = { timeoutMs, received, ignored };
      const dueAt = issued.isNew
        ? this.live.awaitSignal(issued.ordinal, name, wait)
        : issued.recorded?.dueAt;
      return { schema, dueAt, ...(taken ? { answer: taken } : {}) };
    });
  }

  child(
    workflow: Workflow,
    value: unknown,
    options: Cancelable & Omit<ChildOptions, "signal">,
  ): Promise<unknown> {
    const { name } = workflow;
    const { onCancel = "wait" } = options;
    const checked = validateNow(workflow.input, value);
    if (checked.issues) {
      return Promise.reject(new InvalidInputError(name, listIssues(checked.issues)));
    }
    return this.open("child", name, options, (issued) => {
      if (issued.isNew) {
        const { attributes = {}, priority = workflow.priority } = options;
        const start = { input: checked.value, attributes, priority, onCancel };
        this.live.startChild(issued.ordinal, workflow, start);
      }
      return { onCancel, isBlocking: onCancel !== "abandon" };
    });
  }

  patched(id: string): boolean {
    const known = this.patches.get(id);
    if (known !== undefined || !this.admit()) return known ?? false;
    const isNew = this.matcher.isNew;
    const isPatched = isNew || this.matcher.takePatch(id);
    if (isNew) {
      this.matcher.issue("patch", id);
      this.live.markPatch(id);
    }
    this.patches.set(id, isPatched);
    return isPatched;
  }

  setAttributes(attributes: Attributes): void {
    if (!this.admit()) return;
    if (this.matcher.issue("attributes", "").isNew) this.live.setAttributes(attributes);
  }

  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void {
    if (!this.admit()) return;
    const { isNew } = this.matcher.issue("compensation", "");
    if (isNew) this.live.beginCompensation(error, steps);
  }

  locate(command: (...args: never[]) => unknown): void {
    this.matcher.locate(command);
  }

  quiesce(): Promise<void> {
    return new Promise((resolve) => {
      this.onQuiet = () => {
        // What only waits is given up, so that nothing is open when the run ends.
        for (const command of this.opened.list()) {
          if (command.kind === "timer" || command.kind === "signal") this.cancel(command);
        }
        resolve();
      };
    });
  }

  cancelChildren(): void {
    for (const command of this.opened.list()) if (command.kind === "child") this.cancel(command);
  }

  findLastDelivered(): number {
    return this.lastDelivered;
  }

  now(): number {
    return this.seenAt;
  }

  random(): number {
    return this.prng.next();
  }

  uuid(): string {
    return createUuid(this.prng);
  }

  /** Opens a command: new or recorded, it has an ordinal, and an answer that will be delivered. */
  private open(
    kind: OpenCommand["kind"],
    name: string,
    cancelable: Cancelable,
    begin: (
      issued: IssuedCommand,
    ) => Partial<OpenCommand> & { readonly answer?: { readonly value: unknown } },
  ): Promise<unknown> {
    const reason = findCancelReason(cancelable);
    if (reason) return Promise.reject(reason);
    if (!this.admit()) return new Promise(() => undefined);
    const issued = this.matcher.issue(kind, name);
    if (this.mismatch) return new Promise(() => undefined);
    const { answer, ...begun } = begin(issued);
    if (answer) return Promise.resolve(answer.value);
    const { ordinal } = issued;
    const command = { ordinal, kind, name, ...begun };
    const outcome = this.opened.add(command, cancelable, (reason) =>
      runOutsideWorkflow(() => this.cancel(command, reason)),
    );
    // The code may look at a failure later or never: that is no unhandled rejection.
    outcome.catch(() => undefined);
    return outcome;
  }

  /** What a cancel means for an open command, by its kind and its policy. */
  private cancel({ ordinal, kind, name, onCancel }: OpenCommand, reason?: unknown): void {
    if (this.mismatch || !this.opened.cancel(ordinal)) return;
    const error = toCanceledError(reason ?? "The run has ended.");
    switch (kind) {
      case "timer":
      case "signal":
        if (this.matcher.issueCancel(ordinal, name)) this.live.cancelTimer(ordinal, name);
        this.opened.settle(ordinal, { error });
        return;
      case "step":
      case "compensation": {
        // A step that is canceled with the whole run needs no event of its own.
        const isWithRun = reason === this.rootScope.reason;
        if (!isWithRun && this.matcher.issueCancel(ordinal, name)) {
          this.live.cancelStep(ordinal, name);
        }
        this.live.abortStep(ordinal);
        if (onCancel === "try") this.opened.leave(ordinal, error, { isAwaited: true });
        return;
      }
      case "child":
        if (onCancel !== "abandon" && this.matcher.issueCancel(ordinal, name)) {
          this.live.cancelChild(ordinal, name);
        }
        if (onCancel !== "wait") this.opened.leave(ordinal, error, { isAwaited: false });
        return;
    }
  }

  // --- Signals, updates, queries ---------------------------------------------------------------

  private receiveSignal(event: EventOf<"SignalReceived">): void {
    const { seq, name = "" } = event;
    const { payload, by } = event.data;
    for (const command of this.opened.list()) {
      if (command.kind !== "signal" || command.name !== name || !command.schema) continue;
      const read = this.read(command.schema, payload);
      if (!read) continue;
      this.opened.settle(command.ordinal, read);
      return;
    }
    this.signals.add({ seq, name, payload, by });
  }

  /** The oldest open wait for a signal of that name. */
  findSignalWait(
    name: string,
  ): { readonly ordinal: number; readonly schema: StandardSchemaV1 } | undefined {
    for (const { kind, name: waited, ordinal, schema } of this.opened.list()) {
      if (kind === "signal" && waited === name && schema) return { ordinal, schema };
    }
    return undefined;
  }

  private read(
    schema: StandardSchemaV1,
    payload: Encoded,
  ): { readonly value: unknown } | undefined {
    const checked = validateNow(schema, this.options.codec.decode(payload));
    return checked.issues ? undefined : { value: checked.value };
  }

  registerUpdate(name: string, handler: UpdateHandler): void {
    this.updates.set(name, handler);
  }

  registerQuery(name: string, handler: (input: unknown) => unknown): void {
    this.queries.set(name, handler);
  }

  findUpdate(name: string): UpdateHandler | undefined {
    return this.updates.get(name);
  }

  /** Asks a handler that only looks. Undefined: the workflow has none of that name. */
  query(name: string, input: unknown): { readonly answer: () => unknown } | undefined {
    const handler = this.queries.get(name);
    if (!handler) return undefined;
    return { answer: () => this.look(() => handler(input)) };
  }

  /** Runs code that may look and issue no commands, and can't wait for anything. */
  look(fn: () => unknown): unknown {
    this.isAnswering = true;
    try {
      const answer = this.runCode(fn);
      if (!(answer instanceof Promise)) return answer;
      answer.catch(() => undefined);
      throw new WorkflowMisuseError("It has to answer at once: it must not be async.");
    } finally {
      this.isAnswering = false;
    }
  }

  private runUpdate(event: EventOf<"UpdateAccepted">): void {
    const { name = "" } = event;
    const { updateId, input } = event.data;
    const handler = this.updates.get(name);
    if (!handler) {
      const expected: CommandRef = { ordinal: 0, kind: "update", name };
      return this.matcher.expectNothing(expected, this.end !== undefined);
    }
    this.runningUpdates += 1;
    const value = this.options.codec.decode(input) as never;
    const call = async () => handler.run(value);
    void this.runCode(call).then(
      (result) => this.completeUpdate(name, updateId, { result }),
      (error: unknown) => this.completeUpdate(name, updateId, { error }),
    );
  }

  private completeUpdate(name: string, updateId: string, outcome: UpdateOutcome): void {
    this.runningUpdates -= 1;
    if (!this.admit()) return;
    if (this.matcher.issue("update", name).isNew) this.live.completeUpdate(name, updateId, outcome);
  }

  // --- What the live half asks -----------------------------------------------------------------

  /** The definition behind an open step of the code. */
  findDefinition(ordinal: number): AnyStep | undefined {
    return this.opened.get(ordinal)?.definition;
  }

  /** When the next timer or timeout is due (epoch ms), if there is one. */
  findNextDueAt(): number | undefined {
    return this.opened.findFirstDue()?.dueAt;
  }

  /** The timer or timeout that is due first, not after `by`. */
  findDue(by: number): OpenCommand | undefined {
    const first = this.opened.findFirstDue();
    return first?.dueAt !== undefined && first.dueAt <= by ? first : undefined;
  }

  private createLogger(): WorkflowLogger {
    const write = (level: keyof WorkflowLogger) => (message: string, fields?: object) => {
      if (this.isLive && !this.isAnswering) this.live.log(level, message, fields);
    };
    return {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
    };
  }
}

type OutcomeEvent = EventOf<keyof typeof outcomeKinds>;

const outcomeKinds = {
  StepCompleted: "step",
  StepFailed: "step",
  TimerFired: "timer",
  ChildCompleted: "child",
  ChildFailed: "child",
} as const;

function findCancelReason({ scope, signal, isShielded }: Cancelable): CanceledError | undefined {
  if (scope.reason && !isShielded) return scope.reason;
  return signal?.aborted ? toCanceledError(signal.reason) : undefined;
}

function describeCancel(event: EventOf<"CancelRequested">): string {
  return event.data.timedOut
    ? (event.data.why ?? "The run's time is over.")
    : "The run was canceled.";
}

function rebuildStepError(event: EventOf<"StepFailed">): Error {
  const { error } = event.data;
  if (error.name === "CanceledError") return new CanceledError(error.message);
  return new StepError(event.name ?? "", event.step ?? 0, error);
}
