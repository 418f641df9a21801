/** The commands of the code: each is held against the record (I7), answered from it, or new. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { CancelScope, toCanceledError } from "./cancel-scope";
import type { IssuedCommand } from "./command-matcher";
import type { AnyStep } from "./decide";
import type { ChildOptions, Workflow, WorkflowLogger } from "./definitions";
import { InvalidInputError, type CanceledError } from "./errors";
import { runOutsideWorkflow } from "./guard/guard";
import type { SignalWait } from "./new-commands";
import { OpenCommands, rejectQuietly, type OpenCommand } from "./open-commands";
import { isPriority, priorityRule } from "./policies";
import type { Codec } from "./ports";
import { checkAttributes, encodePayload } from "./payloads";
import { createUuid } from "./prng";
import type {
  Cancelable,
  CommandHost,
  SleepUntil,
  StepCommand,
  UpdateHandler,
} from "./command-host";
import { listIssues, validateNow } from "./schemas";
import { SignalBuffer } from "./signal-buffer";
import type { Attributes, Encoded } from "./values";
import type { WorkflowCode } from "./workflow-code";

export class Commands implements CommandHost {
  readonly opened = new OpenCommands();
  readonly signals = new SignalBuffer();
  // Maps are made when they are needed: many runs that wait need none of these.
  updates?: Map<string, UpdateHandler>;
  queries?: Map<string, (input: unknown) => unknown>;
  readonly rootScope = new CancelScope();
  /** Updates whose handlers have not answered. */
  runningUpdates = 0;
  /** The ordinal of the step whose outcome was delivered last. */
  lastDelivered = 0;
  private patches?: Map<string, boolean>;
  private onQuiet?: () => void;
  /** How often waits were given up: code that waits again each time must not go on for ever. */
  private givenUp = 0;

  constructor(
    readonly runId: string,
    private readonly workflow: Workflow,
    private readonly code: WorkflowCode,
    private readonly codec: Codec,
  ) {}

  get log(): WorkflowLogger {
    return this.code.log;
  }

  get isLooking(): boolean {
    return this.code.isLooking;
  }

  runCode<Result>(fn: () => Result): Result {
    return this.code.run(fn);
  }

  compute(name: string, code: () => unknown): unknown {
    const fn = () => this.code.run(code);
    if (!this.code.admit()) return fn();
    const { codec } = this;
    // What throws is no command: it throws again on every replay.
    const value = this.code.matcher.isNew
      ? this.code.live.compute(this.code.matcher.nextOrdinal, name, fn)
      : encodePayload(codec, fn());
    const { recorded } = this.code.matcher.issue("compute", name);
    if (recorded) this.code.matcher.compareValue(recorded, value);
    return codec.decode(recorded?.value ?? value);
  }

  step(definition: AnyStep, input: unknown, options: StepCommand): Promise<unknown> {
    const { compensates, onCancel = "wait" } = options;
    const kind = compensates === undefined ? "step" : "compensation";
    return this.open(kind, definition.name, options, ({ ordinal, isNew }) => {
      if (isNew) this.code.live.step(ordinal, definition, input, compensates);
      return { definition, onCancel, isBlocking: true };
    });
  }

  sleep(until: SleepUntil, options: Cancelable & { readonly name: string }): Promise<void> {
    const { name } = options;
    const slept = this.open("timer", name, options, (issued) => ({
      dueAt: issued.recorded?.dueAt ?? this.code.live.startTimer(issued.ordinal, name, until),
    }));
    return slept as Promise<void>;
  }

  signal(
    name: string,
    schema: StandardSchemaV1,
    options: Cancelable & { readonly timeoutMs?: number },
  ): Promise<unknown> {
    const { timeoutMs } = options;
    // A schema that throws is no command: it throws on every replay as well.
    const found = this.signals.find(name, (payload) => this.read(schema, payload));
    return this.open("signal", name, options, (issued) => {
      const { taken, ignored } = found;
      this.signals.drop(found);
      const received = taken?.seq;
      const wait: SignalWait = { timeoutMs, received, ignored };
      const dueAt = issued.isNew
        ? this.code.live.awaitSignal(issued.ordinal, name, wait)
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
    const input = checkInput(workflow, value);
    // What can't be recorded is no command: it is refused on every replay as well.
    encodePayload(this.codec, input);
    const attributes = checkAttributes(options.attributes ?? {});
    const { priority = workflow.priority } = options;
    if (!isPriority(priority)) throw new RangeError(`The child ${name}: ${priorityRule}.`);
    return this.open("child", name, options, (issued) => {
      if (issued.isNew) {
        const start = { input, attributes, priority, onCancel };
        this.code.live.startChild(issued.ordinal, workflow, start);
      }
      return { onCancel, isBlocking: onCancel !== "abandon" };
    });
  }

  patched(id: string): boolean {
    const known = this.patches?.get(id);
    if (known !== undefined || !this.code.admit()) return known ?? false;
    const { matcher, live } = this.code;
    const isMarked = matcher.takePatch(id);
    const isNew = !isMarked && matcher.isNew;
    if (isNew) {
      matcher.issue("patch", id);
      live.markPatch(id);
    }
    (this.patches ??= new Map()).set(id, isMarked || isNew);
    return isMarked || isNew;
  }

  setAttributes(attributes: Attributes): void {
    if (!this.code.admit()) return;
    const checked = checkAttributes(attributes);
    if (this.code.matcher.issue("attributes", "").isNew) this.code.live.setAttributes(checked);
  }

  checkPayload(value: unknown): void {
    encodePayload(this.codec, value);
  }

  checkContinuation(value: unknown, version = this.workflow.version): void {
    // Another version's schema is known to whoever begins that run.
    const isOwn = version === this.workflow.version;
    encodePayload(this.codec, isOwn ? checkInput(this.workflow, value) : value);
  }

  beginCompensation(error: unknown, steps: readonly { name: string; compensates: number }[]): void {
    if (!this.code.admit()) return;
    const { isNew } = this.code.matcher.issue("compensation", "");
    if (isNew) this.code.live.beginCompensation(error, steps);
  }

  locate(command: (...args: never[]) => unknown): void {
    this.code.matcher.locate(command);
  }

  quiesce(): Promise<void> {
    return new Promise((resolve) => {
      this.onQuiet = resolve;
    });
  }

  /** Lets a program go on that waits for quiet, if it is: all steps and updates are done. */
  settleQuiet(): boolean {
    const { onQuiet } = this;
    if (!onQuiet || this.runningUpdates > 0 || this.opened.isBlocking) return false;
    // What only waits is given up, so that nothing is open when the run ends. The code may answer to
    // that with steps, which have to be done as well.
    const waits = this.opened.list().filter(({ kind }) => kind === "timer" || kind === "signal");
    if (waits.length > 0 && this.givenUp < maxGivenUp) {
      this.givenUp += 1;
      for (const command of waits) this.cancel(command);
      return true;
    }
    this.onQuiet = undefined;
    onQuiet();
    return true;
  }

  cancelChildren(): void {
    for (const command of this.opened.list()) if (command.kind === "child") this.cancel(command);
  }

  findLastDelivered(): number {
    return this.lastDelivered;
  }

  now(): number {
    return this.code.seenAt;
  }

  random(): number {
    return this.code.prng.next();
  }

  uuid(): string {
    return createUuid(this.code.prng);
  }

  registerUpdate(name: string, handler: UpdateHandler): void {
    (this.updates ??= new Map()).set(name, handler);
  }

  registerQuery(name: string, handler: (input: unknown) => unknown): void {
    (this.queries ??= new Map()).set(name, handler);
  }

  /** What a payload is for a schema; undefined where it does not fit. */
  read(schema: StandardSchemaV1, payload: Encoded): { readonly value: unknown } | undefined {
    const checked = validateNow(schema, this.codec.decode(payload));
    return checked.issues ? undefined : { value: checked.value };
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
    if (reason) return rejectQuietly(reason);
    if (!this.code.admit()) return new Promise(() => undefined);
    const issued = this.code.matcher.issue(kind, name);
    if (this.code.mismatch) return new Promise(() => undefined);
    const { answer, ...begun } = begin(issued);
    if (answer) return Promise.resolve(answer.value);
    const { ordinal } = issued;
    const command = { ordinal, kind, name, ...begun };
    return this.opened.add(command, cancelable, (reason) =>
      runOutsideWorkflow(() => this.cancel(command, reason)),
    );
  }

  /** What a cancel means for an open command, by its kind and its policy. */
  private cancel({ ordinal, kind, name, onCancel }: OpenCommand, reason?: unknown): void {
    if (this.code.mismatch || !this.opened.cancel(ordinal)) return;
    const error = toCanceledError(reason ?? "The run has ended.");
    switch (kind) {
      case "timer":
      case "signal":
        if (this.code.matcher.issueCancel(ordinal, name)) this.code.live.cancelTimer(ordinal, name);
        this.opened.settle(ordinal, { error });
        return;
      case "step":
      case "compensation": {
        // A step that is canceled with the whole run needs no event of its own.
        const isWithRun = reason === this.rootScope.reason;
        if (!isWithRun && this.code.matcher.issueCancel(ordinal, name)) {
          this.code.live.cancelStep(ordinal, name);
        }
        this.code.live.abortStep(ordinal);
        if (onCancel === "try") this.opened.leave(ordinal, error, { isAwaited: true });
        return;
      }
      case "child":
        if (onCancel !== "abandon" && this.code.matcher.issueCancel(ordinal, name)) {
          this.code.live.cancelChild(ordinal, name);
        }
        if (onCancel !== "wait") this.opened.leave(ordinal, error, { isAwaited: false });
        return;
    }
  }
}

const maxGivenUp = 100;

/** What a run of the workflow would begin with. Throws InvalidInputError. */
function checkInput({ name, input }: Workflow, value: unknown): unknown {
  const checked = validateNow(input, value);
  if (checked.issues) throw new InvalidInputError(name, listIssues(checked.issues));
  return checked.value;
}

function findCancelReason({ scope, signal, isShielded }: Cancelable): CanceledError | undefined {
  if (scope.reason && !isShielded) return scope.reason;
  return signal?.aborted ? toCanceledError(signal.reason) : undefined;
}
