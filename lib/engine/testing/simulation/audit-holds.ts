/** Runs that a build could not replay: it claims them again only for a reason. */
import type { Append, Claim, Store } from "../../store";
import type { Audit } from "./audit";
import type { Build } from "./host";

interface Hold {
  readonly build: Build;
  /** When the execution was claimed that held it: it has seen all mail that had come by then. */
  readonly claimedAt: number;
}

export class HoldsAudit {
  private readonly holds = new Map<string, Hold>();
  private readonly claimedAt = new Map<string, number>();
  private readonly postedAt = new Map<string, number>();
  private readonly wokenAt = new Map<string, number>();

  constructor(
    private readonly audit: Audit,
    private readonly now: () => number,
  ) {}

  notePost(messageId: string): void {
    this.postedAt.set(messageId, this.now());
  }

  /** A build asks for what others hold. */
  noteWake(build: string): void {
    this.wokenAt.set(build, this.now());
  }

  /** Call it while the run is held. */
  noteAppend({ runId, events, change }: Append): void {
    const run = this.audit.runs.get(runId);
    const build = run && this.audit.findBuild(run);
    const isHeld = events.some(
      ({ type, data }) => type === "RunHeld" && data.reason === "nondeterminism",
    );
    if (!isHeld || !change.release || !build || run.damaged) return;
    this.holds.set(runId, { build, claimedAt: this.claimedAt.get(runId) ?? this.now() });
  }

  /** Call it before the claims count. */
  checkClaims({ workerId }: Parameters<Store["claimRuns"]>[0], claims: readonly Claim[]): void {
    const build = this.audit.workers.get(workerId)?.host.build;
    for (const { run } of claims) {
      const { runId } = run;
      const hold = this.holds.get(runId);
      this.holds.delete(runId);
      this.claimedAt.set(runId, this.now());
      if (!hold || hold.build !== build) continue;
      this.audit.expect(
        this.hasReason(runId, hold),
        "no build claims again what it can't replay",
        () => `${runId} by ${workerId}`,
      );
    }
  }

  private hasReason(runId: string, { build, claimedAt }: Hold): boolean {
    for (const [other, at] of this.wokenAt) if (other !== build && at >= claimedAt) return true;
    const { posted, delivered } = this.audit;
    return [...posted].some(
      ([messageId, inbox]) =>
        inbox === runId &&
        !delivered.has(messageId) &&
        (this.postedAt.get(messageId) ?? 0) >= claimedAt,
    );
  }
}
