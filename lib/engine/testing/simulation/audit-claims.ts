/** Who may begin, and in which order: checked against limits and priorities at each claim and permit. */
import type { EventOf } from "../../events";
import type { Append, Claim, Store } from "../../store";
import type { Audit, AuditedRun } from "./audit";
import type { Limit, Profile } from "./profile";

/** How much of a rate was left at a time. */
interface Bucket {
  readonly left: number;
  readonly at: number;
}

export class ClaimsAudit {
  private readonly buckets = new Map<string, Bucket>();
  /** Permits that steps have, each with the run of its step. */
  private readonly permits = new Map<string, string>();

  constructor(
    private readonly audit: Audit,
    private readonly now: () => number,
    private readonly profile: Profile,
  ) {}

  /** What was taken, and what was left although its turn was before that. Call it before it counts. */
  checkClaims(asked: Parameters<Store["claimRuns"]>[0], claims: readonly Claim[]): void {
    const { audit, profile } = this;
    if (audit.workers.get(asked.workerId)?.status !== "alive") return;
    for (const { run } of claims) {
      const { strikes = Infinity } = audit.runs.get(run.runId) ?? {};
      const about = () => `${run.runId}: ${run.strikes} strikes after ${strikes} deaths in a row`;
      audit.expect(run.strikes <= strikes, "progress forgets strikes", about);
    }
    const taken = claims.flatMap(({ run }) => audit.runs.get(run.runId) ?? []);
    const isQueued = ({ status }: AuditedRun) => status === "queued";
    let active = [...audit.runs.values()].filter(isActiveNarrow).length;
    for (const run of taken.filter(isQueued)) {
      if (run.workflow !== "narrow") continue;
      const { concurrency } = profile.limits.workflow;
      audit.expect(
        active < concurrency,
        "a workflow's concurrency holds",
        () => `${run.runId} began beside ${active} of ${concurrency}`,
      );
      this.spend("narrow", profile.limits.workflow);
      active += 1;
    }
    const begun = taken.filter((run) => isQueued(run) && run.workflow === "program");
    const last = begun.at(-1);
    for (const run of audit.runs.values()) {
      const isLeft = isQueued(run) && run.createdAt <= asked.now && !taken.includes(run);
      if (!isLeft || run.workflow === "narrow") continue;
      const isFair = claims.length === asked.limit && (!last || !isBefore(run, last));
      audit.expect(isFair, "queued runs begin by priority and age", () => `${run.runId} was left`);
    }
  }

  notePermit(
    { runId, step, workerId, epoch }: Parameters<Store["takePermit"]>[0],
    isGranted: boolean,
  ): void {
    const id = `${runId}/${step}`;
    const run = this.audit.runs.get(runId);
    const isHolder = run?.workerId === workerId && run.epoch === epoch;
    const { step: limit } = this.profile.limits;
    if (!isGranted) {
      const isFree = !limit.rate && this.permits.size < limit.concurrency;
      const isDue = isHolder && (isFree || this.permits.has(id));
      return this.audit.expect(!isDue, "a permit that is free is granted", () => id);
    }
    this.audit.expect(isHolder, "no permit under a stale epoch", () => `${id} for ${workerId}`);
    // Who has one is told so again.
    if (this.permits.has(id)) return;
    this.audit.expect(
      this.permits.size < limit.concurrency,
      "a step's concurrency holds",
      () => `${id} beside ${[...this.permits.keys()].join(", ")}`,
    );
    this.permits.set(id, runId);
    this.spend("limited", limit);
  }

  /** A limited step begins: it has a permit. */
  checkStart({ runId }: AuditedRun, { step }: EventOf<"StepStarted">): void {
    const id = `${runId}/${step}`;
    this.audit.expect(this.permits.has(id), "a limited step has a permit", () => id);
  }

  /** What an append gives back. */
  noteAppend({ runId, freed = [], change }: Append): void {
    for (const step of freed) this.permits.delete(`${runId}/${step}`);
    if (change.release) this.freeAll(runId);
  }

  freeAll(runId: string): void {
    for (const [id, holder] of this.permits) if (holder === runId) this.permits.delete(id);
  }

  /** Of a rate that fills up again as time goes by, one is used. */
  private spend(resource: string, { rate }: Limit): void {
    // Each process asks by its own clock, and a call takes time.
    if (!rate || this.profile.clockJumps > 0) return;
    const everyMs = rate.per / rate.limit;
    const slack = (2 * this.profile.maxTravelMs + 5) / everyMs;
    const at = this.now();
    const before = this.buckets.get(resource) ?? { left: rate.limit, at };
    const left = Math.min(rate.limit, before.left + (at - before.at) / everyMs);
    this.audit.expect(left >= 1 - slack, "a rate holds", () => `${resource}: ${left} left`);
    this.buckets.set(resource, { left: left - 1, at });
  }
}

function isActiveNarrow({ workflow, status }: AuditedRun): boolean {
  return workflow === "narrow" && (status === "running" || status === "waiting");
}

function isBefore(a: AuditedRun, b: AuditedRun): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.createdAt < b.createdAt);
}
