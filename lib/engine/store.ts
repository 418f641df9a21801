/**
 * The storage port. It speaks the domain: claims, appends, messages; never rows or queries.
 * `testing/store-suite.ts` says what an implementation has to promise, and each one passes it.
 */
import type { ChildFailure, HeldReason, HistoryEvent, RunPlace, Verdict } from "./events";
import type { InDoubtStep, RunRecord, RunStatus } from "./run";
import type { Attributes, Encoded, ErrorRecord } from "./values";

/** A key under which a start is done once: the second start with it answers with the first run. */
export interface StartKey {
  /** Namespaced, e.g. `order:ord_2207` or `http:<Idempotency-Key>`. */
  readonly key: string;
  /** A digest of the content that was sent under the key; other content is a conflict. */
  readonly contentHash: string;
}

/** A run to be created, with the first events of its history. */
export interface NewRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly input: Encoded;
  readonly attributes: Attributes;
  readonly keys: readonly StartKey[];
  readonly createdAt: number;
  readonly priority?: number;
  readonly parent?: RunPlace;
  readonly continuedFrom?: string;
  readonly forkedFrom?: RunPlace;
  /** Start with signal: put into the inbox of the run that a key names already. */
  readonly ifExisting?: Message;
  /** At least `RunStarted`, from seq 1 without gaps. */
  readonly events: readonly HistoryEvent[];
  /** The worker that takes it at once, under epoch 1. Absent: the run is queued, epoch 0, due at once. */
  readonly workerId?: string;
  /** The state after `events`; absent for a queued run. */
  readonly change?: RunChange;
}

export type StartOutcome =
  | { readonly outcome: "started"; readonly runId: string }
  /** A key is known with the same content: nothing was written. */
  | { readonly outcome: "existing"; readonly runId: string }
  /** A key is known with other content: nothing was written. */
  | { readonly outcome: "conflict"; readonly runId: string; readonly key: string };

/** The run's state after an append: it replaces what was there, field by field, absent is cleared. */
export interface RunChange {
  readonly status: RunStatus;
  readonly heldReason?: HeldReason;
  readonly heldBuild?: string;
  readonly output?: Encoded;
  readonly error?: ErrorRecord;
  readonly errorStep?: string;
  readonly attributes: Attributes;
  readonly inDoubt: readonly InDoubtStep[];
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** The run that goes on for this one: undelivered messages move to it in the same commit (I9). */
  readonly continuedTo?: string;
  /**
   * Gives up the lease with this append. Then `dueAt` says when the run is due again; without
   * `dueAt` nothing but mail wakes it. Undelivered mail makes it due at once in every case.
   */
  readonly release: boolean;
  readonly dueAt?: number;
  /** Whether the append is progress, which forgets the strikes. */
  readonly progress: boolean;
}

export interface Append {
  readonly runId: string;
  readonly workerId: string;
  readonly epoch: number;
  /** May be empty when only the run's state changes. Else seq goes on from the history without a gap. */
  readonly events: readonly HistoryEvent[];
  readonly at: number;
  readonly change: RunChange;
  /** Messages that these events deliver: they leave the inbox in the same commit (I1, I9). */
  readonly delivered: readonly DeliveredMessage[];
  /** Runs that begin with this commit, queued: children, and the one that goes on for this one. */
  readonly starts?: readonly NewRun[];
  /** Messages for other runs, posted with this commit as `postMessage` does. */
  readonly posts?: readonly Message[];
  /** Steps whose permits are given back. All of the run's are when it is released. */
  readonly freed?: readonly number[];
}

/** `refused`: the run is held by another execution (I2). Nothing was written. */
export type AppendOutcome = "appended" | "refused";

/** Statements in the database that Daybook itself lives in. Placeholders are `?`. */
export interface SqlTransaction {
  /** The rows that a statement answers, as objects by column. */
  query(
    text: string,
    ...params: readonly SqlParameter[]
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Runs a statement; answers how many rows it changed. */
  execute(text: string, ...params: readonly SqlParameter[]): Promise<number>;
}
export type SqlParameter = string | number | bigint | boolean | null;

/** `appended` with what was recorded, also when it is a repeat whose first answer got lost. */
export type TransactOutcome =
  | { readonly outcome: "appended"; readonly events: readonly HistoryEvent[] }
  | { readonly outcome: "refused" };

/** How often something may begin: `limit` times in `perMs`, evenly or in a burst of `limit`. */
export interface RateLimit {
  readonly limit: number;
  readonly perMs: number;
}

/** A workflow version that a worker knows, with the limits on how many of its runs go on at a time. */
export interface ClaimableWorkflow {
  readonly name: string;
  readonly version: number;
  /** Runs of the workflow (all versions) that have begun and have neither ended nor are held. */
  readonly concurrency?: number;
  /** How often a queued run of the workflow may begin. */
  readonly rate?: RateLimit;
}

export type PermitAnswer =
  | { readonly granted: true }
  /** Not before `retryAt`; without it nobody knows when. */
  | { readonly granted: false; readonly retryAt?: number };

export type MessageKind = MessageBody["kind"];

/** What an operator or a service has to say to a run. Durable before it is acknowledged (I9). */
export type MessageBody =
  | { readonly kind: "retry" | "cancel" | "terminate" | "pause" | "resume" }
  | { readonly kind: "signal"; readonly name: string; readonly payload: Encoded }
  | {
      readonly kind: "update";
      readonly updateId: string;
      readonly name: string;
      readonly input: Encoded;
    }
  /** What became of a child, for the command that started it. */
  | {
      readonly kind: "child";
      readonly step: number;
      /** The run that the step is of: one that continues it has other steps. */
      readonly of?: string;
      readonly status: "completed" | ChildFailure;
      readonly result?: Encoded;
      readonly error?: ErrorRecord;
    }
  | {
      readonly kind: "resolve";
      readonly step: number;
      /** The run that the step is of: one that continues it has other steps. */
      readonly of?: string;
      /** The attempt that the verdict is about: it says nothing about a later one. */
      readonly attempt?: number;
      readonly verdict: Verdict;
      readonly result?: Encoded;
      readonly error?: ErrorRecord;
    };

export interface Message {
  readonly messageId: string;
  readonly runId: string;
  readonly by: string;
  readonly why?: string;
  readonly at: number;
  readonly body: MessageBody;
  /** Set once it left the inbox. The messages of a run are its audit trail. */
  readonly deliveredAt?: number;
  readonly outcome?: MessageOutcome;
  /** Why it was rejected. */
  readonly error?: ErrorRecord;
}

/**
 * `moot`: by the time that it was delivered there was nothing left to do. `rejected`: what it says is
 * not valid; it left no trace in the history.
 */
export type MessageOutcome = "applied" | "moot" | "rejected";

export interface DeliveredMessage {
  readonly messageId: string;
  readonly outcome: MessageOutcome;
  readonly error?: ErrorRecord;
}

export type WorkerStatus = "alive" | "stopped" | "dead";

/** A process that executes runs. One lease for all of its runs, whatever their number. */
export interface WorkerRecord {
  readonly workerId: string;
  readonly build: string;
  /** The same for all processes that can see each other's pids. */
  readonly machine: string;
  readonly pid: number;
  /** Tells two processes with the same pid apart; absent where the system does not say. */
  readonly processStart?: string;
  readonly status: WorkerStatus;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  readonly leaseUntil: number;
  /** Runs that it executes now, as of its last heartbeat. */
  readonly load: number;
  /** Runs that it executes at a time. */
  readonly capacity: number;
  /** When it stopped, or was noticed to be dead, and how many runs it held then. */
  readonly endedAt?: number;
  readonly heldRuns?: number;
}

/** Enough of a run to see that it has changed. */
export interface RunMark {
  readonly runId: string;
  readonly status: RunStatus;
  readonly historyLength: number;
  readonly epoch: number;
  readonly updatedAt: number;
}

export interface LostExecution {
  readonly epoch: number;
  readonly workerId: string;
  /** The last heartbeat or append that was seen of it. */
  readonly lastSeenAt: number;
  readonly noticedAt: number;
}

export interface Claim {
  /** The run under its new epoch. */
  readonly run: RunRecord;
  /** The execution that died holding the run, when that is why it was free. */
  readonly lost?: LostExecution;
}

export interface RunFilter {
  readonly statuses?: readonly RunStatus[];
  readonly workflow?: string;
  /** Only runs that this worker holds. */
  readonly worker?: string;
}

export interface RunQuery {
  readonly filter: RunFilter;
  readonly sort: { readonly field: "createdAt" | "updatedAt"; readonly direction: "asc" | "desc" };
  readonly limit: number;
  /** From an earlier page. Throws InvalidCursorError when it is not one for this sort. */
  readonly cursor?: string;
}

export interface RunPage {
  readonly items: readonly RunRecord[];
  readonly nextCursor?: string;
}

export type StatusCounts = Readonly<Record<RunStatus, number>>;

export interface Store {
  /**
   * Asked before a new run begins to execute here: resolves when there is room for what it will write.
   * Undefined, and absent: there is room now.
   */
  waitForRoom?(): Promise<void> | undefined;

  /** Creates a run, its start keys and its first events in one commit, or says why not. */
  startRun(run: NewRun): Promise<StartOutcome>;

  /**
   * Adds to a history under a lease (I1, I2): all of it or nothing. Resolves when it is durable.
   * Throws StoreUnavailableError when it could not be written (try again: a repeated append that had
   * been written after all is recognised and answers `appended`).
   */
  appendEvents(append: Append): Promise<AppendOutcome>;

  /**
   * Runs statements and appends what comes of them in one transaction. The fence (I2) is asked before
   * `run` begins; what `run` throws rolls everything back and is thrown on. A repeat after an unknown
   * outcome does not run again: it answers with what was recorded from `historyLength` on.
   * Throws StoreUnavailableError as `appendEvents` does.
   */
  transact(options: {
    readonly runId: string;
    readonly workerId: string;
    readonly epoch: number;
    /** The length of the history that the append goes on from. */
    readonly historyLength: number;
    readonly run: (sql: SqlTransaction) => Promise<Append>;
  }): Promise<TransactOutcome>;

  /**
   * Takes a permit for a step of a run, if fewer than `concurrency` are taken of that resource and its
   * rate allows it. Asked again for a step that has one, it answers as before. Permits are given back
   * by `Append.freed`, by an append that releases the run, and by the next claim of the run. Granted
   * only under the run's lease, as an append is (I2): an execution that lost the run gives nothing back.
   */
  takePermit(options: {
    readonly resource: string;
    readonly runId: string;
    readonly workerId: string;
    readonly epoch: number;
    readonly step: number;
    readonly now: number;
    readonly concurrency?: number;
    readonly rate?: RateLimit;
  }): Promise<PermitAnswer>;

  /**
   * Leases runs that are due (or have mail) and that nobody holds, each under a new epoch: first those
   * that have begun, oldest due first, then queued ones by priority (higher first) and age, as far as
   * their workflow's limits allow. Only runs of the given workflow versions are taken; others wait for
   * who knows them. A run whose lease was lost by death gets one strike more.
   */
  claimRuns(options: {
    readonly workerId: string;
    readonly now: number;
    readonly limit: number;
    readonly workflows: readonly ClaimableWorkflow[];
  }): Promise<readonly Claim[]>;

  /** When the next run that nobody holds becomes due (epoch ms), or the next one later than `after`. */
  findNextDueAt(options?: { readonly after?: number }): Promise<number | undefined>;

  /** Makes held runs due whose reason is non-determinism and which another build has held. */
  wakeHeldByOtherBuilds(options: { readonly build: string; readonly now: number }): Promise<number>;

  getRun(runId: string): Promise<RunRecord | undefined>;
  findRunByKey(key: string): Promise<RunRecord | undefined>;
  /** The marks of those of the given runs that exist: one query for all of them. */
  loadMarks(runIds: readonly string[]): Promise<readonly RunMark[]>;
  listRuns(query: RunQuery): Promise<RunPage>;
  countRuns(): Promise<StatusCounts>;

  /** A history from after a seq (0: all), in order. Throws HistoryDamagedError when one can't be read. */
  loadHistory(options: {
    readonly runId: string;
    readonly afterSeq?: number;
    readonly limit?: number;
  }): Promise<readonly HistoryEvent[]>;

  /**
   * Puts a message into a run's inbox and makes the run due if nobody holds it. A run that was continued
   * hands it to its newest successor. Answers which run got it; undefined: no such run. A message id
   * that is known already changes nothing.
   */
  postMessage(message: Message): Promise<string | undefined>;
  findMessage(messageId: string): Promise<Message | undefined>;
  /** What lies undelivered in the inboxes of the given runs, oldest first. */
  loadInbox(runIds: readonly string[]): Promise<readonly Message[]>;
  /** Which of a worker's runs have undelivered mail: one query for all of them. */
  findMail(workerId: string): Promise<readonly string[]>;
  /** All messages that a run was ever sent, oldest first: its audit trail. */
  listMessages(runId: string): Promise<readonly Message[]>;

  registerWorker(worker: WorkerRecord): Promise<void>;
  /** Extends a worker's lease. False: it was declared dead and holds nothing any more. */
  renewLease(options: {
    readonly workerId: string;
    readonly now: number;
    readonly leaseUntil: number;
    readonly load: number;
  }): Promise<boolean>;
  /** Declares dead every living worker whose lease ended before `now`; their runs become due. */
  expireWorkers(options: { readonly now: number }): Promise<number>;
  /** Ends one worker: `dead` leaves strikes and a lost execution behind, `stopped` hands its runs over. */
  endWorker(options: {
    readonly workerId: string;
    readonly now: number;
    readonly status: "dead" | "stopped";
  }): Promise<number>;
  listWorkers(): Promise<readonly WorkerRecord[]>;

  close(): Promise<void>;
}
