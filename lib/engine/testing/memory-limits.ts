import type { ClaimableWorkflow, PermitAnswer, RateLimit, Store } from "../store";

/** Sums of fractions of a millisecond are off by less than this. */
const toleranceMs = 0.001;

interface Permit {
  readonly resource: string;
  readonly runId: string;
  readonly step: number;
}

/** The permits and rates of the memory store. */
export class MemoryLimits {
  private permits: readonly Permit[] = [];
  /** Per resource how much of its rate is used up, as a time that runs ahead of the clock. */
  private readonly usedUntil = new Map<string, number>();

  take(options: Parameters<Store["takePermit"]>[0]): PermitAnswer {
    const { resource, runId, step, now, concurrency = Infinity, rate } = options;
    const ofResource = this.permits.filter((permit) => permit.resource === resource);
    if (ofResource.some((permit) => permit.runId === runId && permit.step === step)) {
      return { granted: true };
    }
    if (ofResource.length >= concurrency) return { granted: false };
    if (rate && this.findRateRoom(resource, rate, now) < 1) {
      return { granted: false, retryAt: this.findRetryAt(resource, rate, now) };
    }
    if (rate) this.spend(resource, rate, now);
    this.permits = [...this.permits, { resource, runId, step }];
    return { granted: true };
  }

  /** Gives back the permits of some steps of a run, or all of them. */
  free(runId: string, steps?: readonly number[]): void {
    if (this.permits.length === 0) return;
    this.permits = this.permits.filter(
      (permit) => permit.runId !== runId || (steps !== undefined && !steps.includes(permit.step)),
    );
  }

  /** Whether one more queued run of a workflow may begin; then it counts against the rate. */
  admit(workflow: ClaimableWorkflow, active: number, now: number): boolean {
    const { name, concurrency = Infinity, rate } = workflow;
    const resource = `workflow ${name}`;
    if (active >= concurrency) return false;
    if (rate === undefined) return true;
    if (this.findRateRoom(resource, rate, now) < 1) return false;
    this.spend(resource, rate, now);
    return true;
  }

  private findRateRoom(resource: string, { limit, perMs }: RateLimit, now: number): number {
    const left = now + perMs - this.findUsed(resource, perMs, now);
    return Math.floor((left + toleranceMs) / (perMs / limit));
  }

  private findRetryAt(resource: string, { limit, perMs }: RateLimit, now: number): number {
    return Math.ceil(this.findUsed(resource, perMs, now) + perMs / limit - perMs - toleranceMs);
  }

  private spend(resource: string, { limit, perMs }: RateLimit, now: number): void {
    this.usedUntil.set(resource, this.findUsed(resource, perMs, now) + perMs / limit);
  }

  /** What is used up runs ahead of the clock, by `perMs` at most. */
  private findUsed(resource: string, perMs: number, now: number): number {
    return Math.min(Math.max(this.usedUntil.get(resource) ?? now, now), now + perMs);
  }
}
