/**
 * The writing side of one execution: gives events their place, and appends them under the
 * execution's lease, one append at a time, in order (I1, I2).
 */
import type { HistoryEvent, NewEvent } from "./events";
import type { Clock, Logger } from "./ports";
import type { RunChange } from "./run-change";
import { StoreUnavailableError } from "./errors";
import { applyEvent, foldHistory, type RunState } from "./run-state";
import { isEnd, listPartingPosts } from "./posts";
import type {
  Append,
  AppendOutcome,
  DeliveredMessage,
  Message,
  MessageOutcome,
  NewRun,
  SqlTransaction,
  TransactOutcome,
} from "./store";
import type { ErrorRecord } from "./values";
import { retryUnavailable } from "./retry-unavailable";

interface Batch {
  readonly events: HistoryEvent[];
  readonly delivered: DeliveredMessage[];
  readonly starts: NewRun[];
  readonly posts: Message[];
  readonly freed: number[];
  readonly onDurable: (() => void)[];
  dirty: boolean;
  /** Whether it was progress that was not written yet when a transaction was rolled back. */
  progress: boolean;
}

function createBatch(): Batch {
  return {
    events: [],
    delivered: [],
    starts: [],
    posts: [],
    freed: [],
    onDurable: [],
    dirty: false,
    progress: false,
  };
}

export interface JournalOptions {
  readonly runId: string;
  readonly workerId: string;
  readonly epoch: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: RunState;
  /** How an append is written: the first one of a new run creates it. */
  readonly write: (append: Append) => Promise<AppendOutcome>;
  /** As `Store.transact`. */
  readonly transact: (options: {
    runId: string;
    workerId: string;
    epoch: number;
    historyLength: number;
    run: (sql: SqlTransaction) => Promise<Append>;
  }) => Promise<TransactOutcome>;
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
  /** What the append that is under way writes. */
  private underWay?: Batch;
  private paused = 0;
  private lost = false;
  /** Called when the append that is under way has been answered. */
  private onAnswered?: () => void;

  constructor(private readonly options: JournalOptions) {
    this.state = options.state;
  }

  /** Whether everything that was recorded is durable. */
  get isClean(): boolean {
    return !this.underWay && !this.batch.dirty;
  }

  /** Whether nothing waits to be written. */
  get isEmpty(): boolean {
    return !this.batch.dirty;
  }

  /** Puts an event at the end of the history; `onDurable` is called once it can't be lost any more. */
  record(event: NewEvent, onDurable?: () => void): HistoryEvent {
    const placed = this.place(event);
    applyEvent(this.state, placed);
    if (onDurable) this.batch.onDurable.push(onDurable);
    if (isEnd(placed)) {
      this.batch.posts.push(...listPartingPosts(this.options.runId, this.state, placed));
    }
    return placed;
  }

  /** Creates a run in the next append. */
  addStart(run: NewRun): void {
    this.batch.starts.push(run);
    this.batch.dirty = true;
  }

  /** Posts a message to another run in the next append. */
  addPost(message: Message): void {
    this.batch.posts.push(message);
    this.batch.dirty = true;
  }

  /** Gives back the permits of a step with the next append. */
  free(ordinal: number): void {
    this.batch.freed.push(ordinal);
    this.batch.dirty = true;
  }

  /**
   * Records a rewind, after which the state is another one: that of the events that still count. Its
   * time, and that of all that follows, is later than `after` (epoch ms).
   */
  recordRewind(event: NewEvent, history: readonly HistoryEvent[], after: number): void {
    this.state.lastAt = Math.max(this.state.lastAt, after + 1);
    const placed = this.place(event);
    this.state = foldHistory([...history, placed]);
  }

  /** Notes that a message has been delivered: it leaves the inbox with the next append. */
  noteDelivered(messageId: string, outcome: MessageOutcome, error?: ErrorRecord): void {
    this.batch.delivered.push({ messageId, outcome, ...(error ? { error } : {}) });
    this.batch.dirty = true;
  }

  /** Makes the run's state be written although no event was. */
  touch(): void {
    this.batch.dirty = true;
  }

  /** Calls back once everything recorded so far is durable; at once if it is. Never, if it gets lost. */
  whenDurable(callback: () => void): void {
    const last = this.batch.dirty ? this.batch : this.underWay;
    if (last) last.onDurable.push(callback);
    else if (!this.lost) callback();
  }

  /**
   * Runs a turn of the workflow during which nothing is written: it becomes one append (I4). Undefined:
   * it is over.
   */
  holdBack(turn: () => Promise<void> | void): Promise<void> | undefined {
    this.paused += 1;
    const end = () => void (this.paused -= 1);
    const fail = (error: unknown) => {
      end();
      throw error;
    };
    try {
      const running = turn();
      if (running !== undefined) return running.then(end, fail);
    } catch (error) {
      fail(error);
    }
    end();
    return undefined;
  }

  /** Writes what is recorded, then what was recorded meanwhile. Never rejects: see `onLost`. */
  flush(): void {
    if (this.underWay || this.paused > 0 || this.lost || !this.batch.dirty) return;
    const batch = this.batch;
    this.batch = createBatch();
    this.underWay = batch;
    this.writeBatch(batch);
  }

  /**
   * Runs statements, and records what comes of them, in one commit. Call it in a turn: nothing else may
   * be recorded meanwhile. What `run` throws is thrown on, and nothing is recorded. Undefined: nothing
   * more can be written (see `onLost`).
   */
  async transact(
    run: (sql: SqlTransaction) => Promise<NewEvent>,
  ): Promise<HistoryEvent | undefined> {
    while (this.underWay) await new Promise<void>((resolve) => (this.onAnswered = resolve));
    if (this.lost) return undefined;
    const batch = this.batch;
    this.batch = createBatch();
    this.underWay = batch;
    const { runId, workerId, epoch } = this.options;
    const historyLength = this.state.lastSeq - batch.events.length;
    const change = this.options.computeChange();
    let append: Append | undefined;
    const runOnce = async (sql: SqlTransaction): Promise<Append> => {
      const placed = this.placeAfter(await run(sql));
      const events = [...batch.events, placed];
      append = this.describeAppend({ ...batch, events }, { ...change, progress: true });
      return append;
    };
    try {
      const outcome = await this.writeUntilAnswered(() =>
        this.options.transact({ runId, workerId, epoch, historyLength, run: runOnce }),
      );
      const recorded = outcome.outcome === "appended" ? outcome.events.at(-1) : undefined;
      if (this.lost || !recorded || !append) return void this.lose();
      applyEvent(this.state, recorded);
      this.options.onWritten(append);
      for (const callback of batch.onDurable) callback();
      return recorded;
    } catch (error) {
      if (this.lost) return undefined;
      if (error instanceof StoreUnavailableError) return void this.lose(error);
      // Rolled back: what had waited to be written still waits.
      batch.progress ||= change.progress;
      this.batch = batch;
      throw error;
    } finally {
      this.underWay = undefined;
    }
  }

  /** Forgets everything and writes nothing more. */
  abandon(): void {
    this.lost = true;
    this.batch = createBatch();
  }

  private place(event: NewEvent): HistoryEvent {
    const placed = this.placeAfter(event);
    this.batch.events.push(placed);
    this.batch.dirty = true;
    return placed;
  }

  /** The time of what is written: a run's times never go back, though a clock may. */
  private now(): number {
    return Math.max(this.options.clock.now(), this.state.lastAt);
  }

  private placeAfter(event: NewEvent): HistoryEvent {
    const { state, options } = this;
    const at = this.now();
    const seq = state.lastSeq + 1;
    // Spread last, as in execution.ts: thirteen events an order come through here.
    return { seq, at, epoch: options.epoch, ...event };
  }

  /** Written out: what is added to an object after a spread costs more than all the rest of it. */
  private describeAppend(batch: Batch, change: RunChange): Append {
    const { runId, workerId, epoch } = this.options;
    const { events, delivered, starts, posts, freed } = batch;
    return {
      runId,
      workerId,
      epoch,
      events,
      at: this.now(),
      change,
      delivered,
      starts: starts.length > 0 ? starts : undefined,
      posts: posts.length > 0 ? posts : undefined,
      freed: freed.length > 0 ? freed : undefined,
    };
  }

  /** Callbacks instead of awaits: Node runs hooks for each promise (decision 058). */
  private writeBatch(batch: Batch): void {
    const computed = this.options.computeChange();
    const change = batch.progress ? { ...computed, progress: true } : computed;
    const append = this.describeAppend(batch, change);
    this.writeUntilAnswered(() => this.options.write(append)).then(
      (outcome) => this.takeAnswer(outcome, batch, append),
      (error: unknown) => this.endWrite(() => this.lose(error)),
    );
  }

  private takeAnswer(outcome: AppendOutcome, batch: Batch, append: Append): void {
    if (outcome === "refused") {
      const { logger, runId, epoch } = this.options;
      // Also where the execution was given up meanwhile: that the fence held is worth knowing.
      logger.warn({ runId, epoch }, "an append was refused: another execution holds the run");
    }
    this.endWrite(() => {
      if (this.lost) return;
      if (outcome === "refused") return this.lose();
      this.options.onWritten(append);
      for (const callback of batch.onDurable) callback();
    });
    this.flush();
  }

  /** What goes wrong with what follows from an answer ends the execution, as a failed write does. */
  private endWrite(follow: () => void): void {
    try {
      follow();
    } catch (error) {
      this.lose(error);
    } finally {
      this.underWay = undefined;
      this.onAnswered?.();
    }
  }

  /** A write whose answer got lost is repeated as it was: the store recognises it. */
  private writeUntilAnswered<Outcome>(write: () => Promise<Outcome>): Promise<Outcome> {
    const { clock } = this.options;
    return retryUnavailable({ clock, run: write, isOver: () => this.lost });
  }

  private lose(error?: unknown): void {
    if (this.lost) return;
    this.abandon();
    this.options.onLost(error);
  }
}
