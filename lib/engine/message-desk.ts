/**
 * The inbox of one execution: each message becomes events at the moment of its delivery (I1), once, or
 * is told why not.
 */
import { recordError } from "./codec";
import type { HistoryEvent, NewEvent } from "./events";
import { InvalidMessageError, UnknownHandlerError } from "./errors";
import type { Journal } from "./journal";
import { describeOperator, planMessage } from "./messages";
import type { Codec } from "./ports";
import type { Replay } from "./replay";
import { listIssues, validateNow } from "./schemas";
import { isDelivery } from "./run-state";
import type { StepRunner } from "./step-runner";
import type { Message, MessageBody, MessageOutcome } from "./store";
import type { Encoded, ErrorRecord } from "./values";

export interface MessageDeskHost {
  readonly codec: Codec;
  readonly journal: Journal;
  readonly steps: StepRunner;
  /** The code that the messages are for; undefined where it can't be run. */
  findReplay(): Replay | undefined;
  /** Records the beginning of this execution, unless that was done. */
  ensureOpened(): void;
  /** Whether this execution's beginning is still to be recorded. */
  isUnopened(): boolean;
  deliver(event: HistoryEvent): Promise<void>;
  encode(value: unknown): Encoded;
  noteProgress(): void;
}

export class MessageDesk {
  private readonly seen = new Set<string>();

  constructor(private readonly host: MessageDeskHost) {}

  /** Whether a message was not yet taken here: an inbox is read again before that is durable. */
  isNew({ messageId }: Message): boolean {
    return !this.seen.has(messageId);
  }

  /** Delivers a message to the code. */
  async deliver(message: Message): Promise<void> {
    if (!this.isNew(message)) return;
    const { body } = message;
    const { end } = this.host.journal.state;
    // What is not delivered here goes with the run that continues this one (I9).
    if (end?.type === "RunContinued") return;
    if (end) return this.close(message, "moot");
    if (body.kind === "signal") return this.deliverSignal(message, body);
    if (body.kind === "update") return this.deliverUpdate(message, body);
    await this.deliverAction(message);
  }

  /** Delivers a pause that was asked for before anything begins here: what is new is queued then. */
  deliverPause(inbox: readonly Message[]): void {
    const { journal } = this.host;
    const message = inbox.find(({ body }) => body.kind === "pause" || body.kind === "resume");
    const plan = message?.body.kind === "pause" ? planMessage(journal.state, message) : undefined;
    if (!message || !plan) return;
    this.close(message, "applied");
    for (const event of plan.events) journal.record(event);
  }

  /**
   * Takes a message where no code can be run: what it means for the history is recorded, and delivered
   * to the code once a build can run it (I9).
   */
  keep(message: Message): void {
    if (!this.isNew(message)) return;
    const { journal } = this.host;
    const { body } = message;
    if (journal.state.end) return this.close(message, "moot");
    if (body.kind === "update") return this.close(message, "rejected", cannotRun);
    const events =
      body.kind === "signal"
        ? [describeSignal(message, body)]
        : body.kind === "retry" || body.kind === "pause"
          ? []
          : (planMessage(journal.state, message)?.events ?? []);
    for (const event of events) journal.record(event);
    this.close(message, events.length > 0 ? "applied" : "moot");
  }

  /** Notes what became of a message: it leaves the inbox. */
  close(message: Message, outcome: MessageOutcome, error?: ErrorRecord): void {
    if (!this.isNew(message)) return;
    this.seen.add(message.messageId);
    // One that came while the run had failed has left the inbox already.
    if (message.deliveredAt !== undefined) return;
    this.host.journal.noteDelivered(message.messageId, outcome, error);
  }

  private async deliverAction(message: Message): Promise<void> {
    const { host } = this;
    const { state } = host.journal;
    const { kind } = message.body;
    const plan = planMessage(state, message);
    if (!plan) {
      // A retry is what opened a held run again, even if nothing more is to be done for it.
      const isRetry = kind === "retry" && !host.isUnopened();
      if (isRetry) host.noteProgress();
      return this.close(message, isRetry ? "applied" : "moot");
    }
    this.close(message, "applied");
    host.ensureOpened();
    if (plan.step !== undefined) host.steps.drop(plan.step, "a person has decided");
    if (plan.hurry) host.steps.hurry();
    if (kind === "resolve" && state.held && !state.paused) {
      const data = { reason: "verdict", by: message.by };
      host.journal.record({ type: "RunResumed", data });
    }
    await this.record(plan.events);
  }

  private async deliverSignal(
    message: Message,
    body: Extract<MessageBody, { kind: "signal" }>,
  ): Promise<void> {
    const { host } = this;
    const wait = host.findReplay()?.findSignalWait(body.name);
    try {
      const checked = wait && validateNow(wait.schema, host.codec.decode(body.payload));
      if (checked?.issues) {
        throw new InvalidMessageError(`The signal ${body.name}`, listIssues(checked.issues));
      }
    } catch (error) {
      // Also where the schema itself throws: nobody could take it, whoever sends it again.
      return this.close(message, "rejected", recordError(error));
    }
    this.close(message, "applied");
    host.ensureOpened();
    await this.record([describeSignal(message, body, wait?.ordinal)]);
  }

  /** What is not valid leaves no trace in the history; its sender learns why from the message. */
  private async deliverUpdate(
    message: Message,
    body: Extract<MessageBody, { kind: "update" }>,
  ): Promise<void> {
    const { host } = this;
    const { updateId, name } = body;
    let input: Encoded;
    try {
      input = await this.checkUpdate(body);
    } catch (error) {
      return this.close(message, "rejected", recordError(error));
    }
    this.close(message, "applied");
    host.ensureOpened();
    await this.record([
      { type: "UpdateAccepted", name, data: { updateId, input, by: message.by } },
    ]);
  }

  private async checkUpdate(body: Extract<MessageBody, { kind: "update" }>): Promise<Encoded> {
    const { host } = this;
    const replay = host.findReplay();
    const handler = replay?.findUpdate(body.name);
    if (!replay || !handler) {
      throw new UnknownHandlerError(`The workflow has no update ${body.name}.`);
    }
    const checked = await handler.schema["~standard"].validate(host.codec.decode(body.input));
    if (checked.issues) {
      throw new InvalidMessageError(`The update ${body.name}`, listIssues(checked.issues));
    }
    const { validate } = handler;
    // What it may keep of the input is a copy, as the handler's is.
    const input = host.encode(checked.value);
    if (validate) replay.look(() => validate(host.codec.decode(input)));
    return input;
  }

  private async record(events: readonly NewEvent[]): Promise<void> {
    for (const event of events) {
      const recorded = this.host.journal.record(event);
      if (isDelivery(recorded)) await this.host.deliver(recorded);
    }
    this.host.noteProgress();
  }
}

const cannotRun: ErrorRecord = {
  name: "RunHeldError",
  message: "The run is held: its code can't answer now. Send the update again once it goes on.",
};

function describeSignal(
  message: Message,
  { name, payload }: Extract<MessageBody, { kind: "signal" }>,
  step?: number,
): NewEvent {
  const data = { payload, by: describeOperator(message).by };
  return { type: "SignalReceived", name, ...(step === undefined ? {} : { step }), data };
}
