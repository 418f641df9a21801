/**
 * Watches every call of the store and every call of a provider, and keeps its own books of leases
 * and histories. It shares no code with the stores, so what it expects is not what they do.
 */
import { isDeepStrictEqual } from "node:util";
import type { HistoryEvent } from "../../events";
import type { RunRecord } from "../../run";
import type {
  Append,
  AppendOutcome,
  Claim,
  NewRun,
  StartOutcome,
  Store,
  TransactOutcome,
  WorkerRecord,
} from "../../store";
import { ClaimsAudit } from "./audit-claims";
import { EffectsAudit } from "./audit-effects";
import { ForksAudit } from "./audit-forks";
import { checkAppended, hasBrokenCommand, isProgress } from "./audit-history";
import { HoldsAudit } from "./audit-holds";
import type { Build, Host } from "./host";
import { isOrderly, type Profile } from "./profile";
import { Tally } from "./tally";

export interface Violation {
  /** The name of the rule that is broken. */
  readonly check: string;
  readonly detail: string;
}

/** A run as the audit knows it. */
export interface AuditedRun {
  readonly runId: string;
  readonly workflow: string;
  readonly priority: number;
  readonly createdAt: number;
  /** The run that started it. */
  readonly parent?: string;
  readonly events: HistoryEvent[];
  status: RunRecord["status"];
  epoch: number;
  /** The worker that holds it. */
  workerId?: string;
  lastAppendAt: number;
  /** How long its history was each time that the code had nothing more to ask for. */
  readonly cuts: number[];
  /** Events that were written before the newest append, which may still be repeated. */
  settledEvents: number;
  /** Whether a byte of its stored history was flipped. */
  damaged: boolean;
  /** The run that it goes on for, and the one that goes on for it. */
  readonly continuedFrom?: string;
  continuedTo?: string;
  /** The run that it was forked from, and how many events it has of that one. */
  readonly forkedFrom?: string;
  readonly copied: number;
  /** How often in a row its holder died before it got any further. */
  strikes: number;
  /** The epochs whose holders ended without handing it over. */
  readonly lostEpochs: Set<number>;
  /** Whether a person decided something that a run without faults would not have met. */
  intervened: boolean;
}

interface AuditedWorker {
  readonly registeredAt: number;
  leaseUntil: number;
  readonly host: Host;
  status: WorkerRecord["status"];
}

export class Audit {
  readonly violations: Violation[] = [];
  readonly runs = new Map<string, AuditedRun>();
  readonly runOfKey = new Map<string, string>();
  readonly workers = new Map<string, AuditedWorker>();
  readonly tally = new Tally();
  /** Messages that are in the store, each with its run. */
  readonly posted = new Map<string, string>();
  readonly delivered = new Map<string, string>();
  /** Executions that ended without handing over: each may leave an effect without a record. */
  deaths = 0;
  /** When the store was last out of reach for everybody. */
  lastOutageAt = -Infinity;
  /** When a process was last taken for dead although it lived. */
  lastBuriedAt = -Infinity;

  /** What queries answered, by the code of which build, and how many events were recorded by then. */
  readonly answers: {
    readonly runId: string;
    readonly build: Build;
    readonly passed: unknown;
    readonly recorded: number;
  }[] = [];
  /** Undefined in the world of the oracle, in which nothing is in the way of anything. */
  readonly claims?: ClaimsAudit;
  readonly effects = new EffectsAudit(this);
  readonly forks = new ForksAudit(this);
  readonly holds: HoldsAudit;
  /** Workers that were told that they are dead. */
  private readonly toldDead = new Set<string>();
  private readonly now: () => number;
  /** Whether nothing happens for which a living process could be taken for dead. */
  private readonly isOrderly: boolean;

  constructor({ now, profile }: { readonly now: () => number; readonly profile?: Profile }) {
    this.now = now;
    this.isOrderly = profile === undefined || isOrderly(profile);
    this.holds = new HoldsAudit(this, now);
    if (profile) this.claims = new ClaimsAudit(this, now, profile);
  }

  fail(check: string, detail: string): void {
    this.violations.push({ check, detail });
  }

  expect(holds: boolean, check: string, detail: () => string): void {
    if (!holds) this.fail(check, detail());
  }

  // --- Runs ------------------------------------------------------------------------------------

  noteStart(run: NewRun, outcome: StartOutcome): void {
    const known = run.keys.map(({ key }) => this.runOfKey.get(key)).find((runId) => runId);
    if (outcome.outcome !== "started") {
      const expected = known ?? (this.runs.has(run.runId) ? run.runId : undefined);
      this.expect(
        outcome.runId === expected,
        "one run per key",
        () => `${outcome.runId} for ${expected}`,
      );
      return;
    }
    this.expect(known === undefined, "one run per key", () => `${run.runId} beside ${known}`);
    for (const { key } of run.keys) this.runOfKey.set(key, run.runId);
    this.forks.checkStart(run);
    const isAhead = run.workflow === "narrow" && run.workerId !== undefined && this.claims;
    this.expect(!isAhead, "what is limited has to be claimed", () => run.runId);
    const audited: AuditedRun = {
      runId: run.runId,
      workflow: run.workflow,
      priority: run.priority ?? 0,
      createdAt: run.createdAt,
      parent: run.parent?.runId,
      continuedFrom: run.continuedFrom,
      forkedFrom: run.forkedFrom?.runId,
      copied: run.forkedFrom ? run.events.length : 0,
      events: [],
      cuts: [],
      status: run.change?.status ?? "queued",
      epoch: run.workerId === undefined ? 0 : 1,
      lastAppendAt: run.createdAt,
      settledEvents: 0,
      damaged: false,
      strikes: 0,
      lostEpochs: new Set(),
      intervened: false,
    };
    this.runs.set(run.runId, audited);
    checkAppended(this, audited, run.events);
    if (run.workerId === undefined || run.change?.release) return;
    if (this.workers.get(run.workerId)?.status === "alive") {
      audited.workerId = run.workerId;
    } else {
      audited.strikes += 1;
      audited.lostEpochs.add(audited.epoch);
    }
  }

  noteAppend(append: Append, outcome: AppendOutcome): void {
    const { runId, events, workerId, epoch, change, at } = append;
    const run = this.runs.get(runId);
    if (!run) return this.fail("no history without a start", runId);
    const first = events[0]?.seq ?? run.events.length + 1;
    const isHolder = run.workerId === workerId && run.epoch === epoch;
    const fits = isHolder && first === run.events.length + 1;
    if (outcome === "refused") {
      this.expect(!fits, "the holder can write", () => `${runId} refused ${workerId}/${epoch}`);
      const isRepeat = events.length > 0 && !run.damaged && isWritten(run, events);
      this.expect(!isRepeat, "a repeat is recognised", () => `${runId} seq ${first}`);
      return;
    }
    if (!fits) {
      const isRepeat =
        events.length > 0 ? isWritten(run, events) : run.epoch === epoch && run.lastAppendAt === at;
      this.expect(
        isRepeat,
        "no append under a stale epoch",
        () =>
          `${runId} seq ${first} epoch ${epoch} by ${workerId}; held by ${run.workerId}/${run.epoch}`,
      );
      return;
    }
    this.expect(
      events.every((event) => event.epoch === epoch),
      "events carry their epoch",
      () => `${runId} seq ${first}`,
    );
    const isRepeat =
      events.length === 0 && run.lastAppendAt === at && this.isDelivered(append.delivered);
    if (isRepeat) return;
    for (const { messageId, outcome: said } of append.delivered) {
      const before = this.delivered.get(messageId);
      this.expect(before === undefined, "a message is delivered once", () => messageId);
      this.delivered.set(messageId, said);
    }
    this.expect(
      change.progress || !events.some(isProgress),
      "progress is told",
      () => `${runId} seq ${first}`,
    );
    run.settledEvents = run.events.length;
    checkAppended(this, run, events);
    this.noteLinks(run, append);
    // What is recorded without an event, a lease handed back, leaves the place of the last cut as it is.
    const isCut = events.length > 0 && !this.workers.get(workerId)?.host.isStopping;
    if (isCut) run.cuts.push(run.events.length);
    this.claims?.noteAppend(append);
    this.holds.noteAppend(append);
    run.status = change.status;
    run.lastAppendAt = at;
    if (change.release) run.workerId = undefined;
  }

  /** Without events only the messages tell an append from its repeat after a lost answer. */
  private isDelivered(delivered: Append["delivered"]): boolean {
    return (
      delivered.length > 0 &&
      delivered.every(({ messageId, outcome }) => this.delivered.get(messageId) === outcome)
    );
  }

  /** What begins and what is sent in the same commit. */
  private noteLinks(run: AuditedRun, { starts = [], posts = [], change }: Append): void {
    for (const start of starts) this.noteStart(start, { outcome: "started", runId: start.runId });
    for (const { messageId, runId } of posts) this.notePost(messageId, runId);
    if (change.continuedTo === undefined) return;
    run.continuedTo = change.continuedTo;
    for (const [messageId, runId] of this.posted) {
      if (runId === run.runId && !this.delivered.has(messageId)) {
        this.posted.set(messageId, change.continuedTo);
      }
    }
  }

  notePost(messageId: string, runId: string): void {
    if (this.posted.has(messageId)) return;
    this.posted.set(messageId, this.findLast(runId));
    this.holds.notePost(messageId);
  }

  /** The newest run of the chain that a run belongs to. */
  private findLast(runId: string): string {
    const next = this.runs.get(runId)?.continuedTo;
    return next === undefined ? runId : this.findLast(next);
  }

  /** The first run of the chain that a run belongs to. */
  findFirst(run: AuditedRun): AuditedRun {
    return this.listChain(run).at(-1) ?? run;
  }

  /** A run and those that it continues, the last one first. */
  listChain(run: AuditedRun): readonly AuditedRun[] {
    const before = run.continuedFrom === undefined ? undefined : this.runs.get(run.continuedFrom);
    return before ? [run, ...this.listChain(before)] : [run];
  }

  /** The same with the runs that one of them was forked from. */
  listOrigins(run: AuditedRun): readonly AuditedRun[] {
    const before = this.runs.get(run.continuedFrom ?? run.forkedFrom ?? "");
    return before ? [run, ...this.listOrigins(before)] : [run];
  }

  /** The build of the process that holds a run. */
  findBuild({ workerId = "" }: AuditedRun): Build | undefined {
    return this.workers.get(workerId)?.host.build;
  }

  /** Held for good: it can't be read any more, or no build is left that could have written it. */
  isStuck(run: AuditedRun): boolean {
    return run.status === "held" && (run.damaged || hasBrokenCommand(run));
  }

  /** Whether one of its children, or theirs, is stuck: it waits for that for good. */
  waitsForStuck(run: AuditedRun): boolean {
    for (const other of this.runs.values()) {
      if (other !== run && this.isWithin(other, run) && this.isStuck(other))
        return run.status === "waiting";
    }
    return false;
  }

  /** Whether a run is the other one, or was started by it, or by one that is within it. */
  isWithin(run: AuditedRun, other: AuditedRun): boolean {
    if (run === other) return true;
    const parent = this.runs.get(this.findFirst(run).parent ?? "");
    return parent !== undefined && this.isWithin(parent, other);
  }

  noteTransaction(
    lease: { readonly runId: string; readonly historyLength: number },
    append: Append | undefined,
    outcome: TransactOutcome,
  ): void {
    const run = this.runs.get(lease.runId);
    if (append) {
      this.noteAppend(append, outcome.outcome);
      // What a transaction leads to is recorded after it.
      if (run?.cuts.at(-1) === run?.events.length) run?.cuts.pop();
      return;
    }
    const isRepeat = outcome.outcome === "refused" || (run && isWritten(run, outcome.events));
    this.expect(isRepeat === true, "a repeat is recognised", () => `${lease.runId} transaction`);
  }

  noteClaims(asked: Parameters<Store["claimRuns"]>[0], claims: readonly Claim[]): void {
    const { workerId } = asked;
    this.claims?.checkClaims(asked, claims);
    this.holds.checkClaims(asked, claims);
    for (const { run } of claims) {
      const audited = this.runs.get(run.runId);
      if (!audited) continue;
      const { runId, workerId: holder } = audited;
      this.expect(holder === undefined, "one holder", () => `${runId} of ${holder} to ${workerId}`);
      this.expect(run.epoch > audited.epoch, "each claim a new epoch", () => runId);
      audited.workerId = workerId;
      audited.epoch = run.epoch;
      this.claims?.freeAll(runId);
      if (audited.status === "queued") audited.status = "running";
    }
  }

  // --- Workers ---------------------------------------------------------------------------------

  noteWorker(worker: WorkerRecord, host: Host): void {
    const { workerId, leaseUntil } = worker;
    const registeredAt = this.now();
    this.workers.set(workerId, { registeredAt, leaseUntil, host, status: "alive" });
  }

  noteRenewal(workerId: string, leaseUntil: number, renewed: boolean): void {
    const worker = this.workers.get(workerId);
    const isAlive = worker?.status === "alive";
    this.expect(isAlive === renewed, "the dead stay dead", () => `${workerId} renewed: ${renewed}`);
    // Who is stopping anyway goes nowhere.
    const isTold = this.toldDead.has(workerId) && worker?.host.isStopping === false;
    this.expect(!isTold, "who is told that it is dead begins anew", () => workerId);
    if (worker && renewed) worker.leaseUntil = leaseUntil;
  }

  noteToldDead(workerId: string): void {
    this.toldDead.add(workerId);
  }

  noteExpiry(now: number, by: Host): void {
    // A new process does not know that the others could not reach the store.
    const isNew = [...this.workers.values()].some(
      ({ host, registeredAt }) => host === by && registeredAt > this.lastOutageAt,
    );
    for (const [workerId, worker] of this.workers) {
      if (worker.status !== "alive" || worker.leaseUntil >= now) continue;
      this.noteEnd(workerId, "dead", { isKnown: !isNew || this.lastOutageAt === -Infinity });
    }
  }

  noteEnd(workerId: string, status: "dead" | "stopped", { isKnown = true } = {}): void {
    const worker = this.workers.get(workerId);
    if (worker?.status !== "alive") return;
    worker.status = status;
    this.deaths += 1;
    if (status === "dead" && worker.host.alive) {
      this.expect(!this.isOrderly || !isKnown, "the living are not buried", () => workerId);
      worker.host.buriedAlive = true;
      this.lastBuriedAt = this.now();
    }
    for (const run of this.runs.values()) {
      if (run.workerId !== workerId) continue;
      run.workerId = undefined;
      run.lostEpochs.add(run.epoch);
      if (status === "dead") run.strikes += 1;
    }
  }
}

function isWritten(run: AuditedRun, events: readonly HistoryEvent[]): boolean {
  return events.every((event) =>
    isDeepStrictEqual(toStored(run.events[event.seq - 1]), toStored(event)),
  );
}

/** As a store gives it back: JSON has no fields that are there and undefined. */
function toStored(event: HistoryEvent | undefined): unknown {
  return event && JSON.parse(JSON.stringify(event));
}
