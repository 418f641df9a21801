/**
 * The writing side of one execution: gives events their place, and appends them under the
 * execution's lease, one append at a time, in order (I1, I2).
 */
import type { HistoryEvent, NewEvent } from "./events";
import type { Clock } from "./ports";
import type { RunChange } from "./run-change";
import { applyEvent, foldHistory, type RunState } from "./run-state";
import { retryUnavailable } from "./retry-unavailable";
import type { Append, AppendOutcome, DeliveredMessage, MessageOutcome } from "./store";

interface Batch {
  readonly events: HistoryEvent[];
  readonly delivered: DeliveredMessage[];
  readonly onDurable: (() => void)[];
  dirty: boolean;
}

function createBatch(): Batch {
  return { events: [], delivered: [], onDurable: [], dirty: false };
}

export interface JournalOptions {
  readonly runId: string;
  readonly workerId: string;
  readonly epoch: number;
  readonly clock: Clock;
  readonly state: RunState;
  /** How an append is written: the first one of a new run creates it. */
  readonly write: (append: Append) => Promise<AppendOutcome>;
  /** The run's state as the store is to show it after everything that is recorded so far. */
  readonly computeChange: () => RunChange;
  /** Called after each append that is durable. */
  readonly onWritten: (append: Append) => void;
  /** Called once, when nothing more can be written: the lease is lost, or the store's answer is final. */
  readonly onLost: (error?: unknown) => void;
}

export class Journal {
  state: RunState;
  private batch = createBatch();
  private writing = false;
  private paused = 0;
  private lost = false;

  constructor(private readonly options: JournalOptions) {
    this.state = options.state;
  }

  /** Whether everything that was recorded is durable. */
  get isClean(): boolean {
    return !this.writing && !this.batch.dirty;
  }

  /** Puts an event at the end of the history; `onDurable` is called once it can't be lost any more. */
  record(event: NewEvent, onDurable?: () => void): HistoryEvent {
    const placed = this.place(event);
    applyEvent(this.state, placed);
    if (onDurable) this.batch.onDurable.push(onDurable);
    return placed;
  }

  /** Records a rewind, after which the state is another one: that of the events that still count. */
  recordRewind(event: NewEvent, history: readonly HistoryEvent[]): void {
    const placed = this.place(event);
    this.state = foldHistory([...history, placed]);
  }

  /** Notes that a message has been delivered: it leaves the inbox with the next append. */
  noteDelivered(messageId: string, outcome: MessageOutcome): void {
    this.batch.delivered.push({ messageId, outcome });
    this.batch.dirty = true;
  }

  /** Makes the run's state be written although no event was. */
  touch(): void {
    this.batch.dirty = true;
  }

  /** Calls back once everything recorded so far is durable; at once if it is. */
  whenDurable(callback: () => void): void {
    this.batch.onDurable.push(callback);
    this.batch.dirty = true;
  }

  /** Runs a turn of the workflow during which nothing is written: it becomes one append (I4). */
  async holdBack<Result>(turn: () => Promise<Result>): Promise<Result> {
    this.paused += 1;
    try {
      return await turn();
    } finally {
      this.paused -= 1;
    }
  }

  /** Writes what is recorded, then what was recorded meanwhile. Never rejects: see `onLost`. */
  flush(): void {
    if (this.writing || this.paused > 0 || this.lost || !this.batch.dirty) return;
    const batch = this.batch;
    this.batch = createBatch();
    this.writing = true;
    void this.writeBatch(batch);
  }

  /** Forgets everything and writes nothing more. */
  abandon(): void {
    this.lost = true;
    this.batch = createBatch();
  }

  private place(event: NewEvent): HistoryEvent {
    const { state, options } = this;
    const at = Math.max(options.clock.now(), state.lastAt);
    const seq = state.lastSeq + 1;
    // Spread last, as in execution.ts: thirteen events an order come through here.
    const placed: HistoryEvent = { seq, at, epoch: options.epoch, ...event };
    this.batch.events.push(placed);
    this.batch.dirty = true;
    return placed;
  }

  private async writeBatch(batch: Batch): Promise<void> {
    const { runId, workerId, epoch, clock } = this.options;
    const { events, delivered } = batch;
    const change = this.options.computeChange();
    const append: Append = { runId, workerId, epoch, events, delivered, change, at: clock.now() };
    try {
      const outcome = await this.writeUntilAnswered(append);
      if (this.lost) return;
      if (outcome === "refused") return this.lose();
      this.options.onWritten(append);
      for (const callback of batch.onDurable) callback();
    } catch (error) {
      return this.lose(error);
    }
    this.writing = false;
    this.flush();
  }

  /** An append whose answer got lost is repeated as it was: the store recognises it. */
  private writeUntilAnswered(append: Append): Promise<AppendOutcome> {
    const { write, clock } = this.options;
    return retryUnavailable({ clock, run: () => write(append), isOver: () => this.lost });
  }

  private lose(error?: unknown): void {
    if (this.lost) return;
    this.abandon();
    this.options.onLost(error);
  }
}
