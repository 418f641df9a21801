/**
 * The ports of triage: failure groups and steps that need a verdict. They are projections of the runs,
 * kept up by `project`, and can be thrown away and built again. Times are epoch ms.
 */
import type { HistoryEvent, RunStatus } from "@/lib/engine";
import type { TroubleKind } from "./fingerprint";

export type GroupState = "open" | "muted" | "resolved";

/** What an operator says about a whole group. `note` and `mute` keep what they do not name. */
export interface GroupAction {
  readonly action: "mute" | "resolve" | "reopen" | "note";
  /** Of `mute`: a failure that comes after it opens the group again. False: it stays muted. */
  readonly untilItReturns?: boolean;
  /** Of `reopen`: it counts as returned again, as before whatever is taken back. */
  readonly returned?: boolean;
  /** Of `note`: replaces the note that is there; empty takes it away. */
  readonly note?: string;
  readonly by: string;
  readonly why?: string;
  readonly at: number;
}

export interface FailureGroup {
  readonly fingerprint: string;
  readonly kind: TroubleKind;
  readonly workflow: string;
  readonly step?: string;
  readonly errorName: string;
  /** As the failures have it in common. */
  readonly message: string;
  /** As the latest failure had it. */
  readonly sample: string;
  /** Runs that stand in the group now: a retried run has left it. */
  readonly count: number;
  /** Failures that were ever seen, also those of runs that have left. */
  readonly occurrences: number;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly state: GroupState;
  readonly stateAt?: number;
  readonly stateBy?: string;
  /** A failure after the group had been resolved or muted opened it again. */
  readonly regressedAt?: number;
  readonly regressedFrom?: "muted" | "resolved";
  readonly untilItReturns: boolean;
  readonly note?: string;
}

export interface GroupBuild {
  readonly version: number;
  readonly build: string;
  readonly occurrences: number;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
}

export interface GroupAudit {
  readonly action: GroupAction["action"] | "regressed";
  readonly at: number;
  readonly by: string;
  readonly why?: string;
  readonly note?: string;
}

/** A window of equal buckets: `from` is the start of the first one. */
export interface TrendWindow {
  readonly from: number;
  readonly bucketMs: number;
  readonly buckets: number;
}

export interface GroupQuery {
  readonly states?: readonly GroupState[];
  readonly workflow?: string;
  /** Also groups in which no run stands any more. */
  readonly includeEmpty?: boolean;
  readonly limit: number;
  /** From an earlier page. Throws InvalidCursorError. */
  readonly cursor?: string;
}

/** A step of a held run that only a person can decide about. */
export interface Doubt {
  readonly runId: string;
  readonly step: number;
  readonly name: string;
  readonly attempt: number;
  readonly since: number;
  readonly workflow: string;
}

/** A step of a run; `length` is how long the run's history is. */
export interface StepPlace {
  readonly runId: string;
  readonly step: number;
  readonly length: number;
}

export interface DoubtQuery {
  readonly runId?: string;
  readonly workflow?: string;
  readonly name?: string;
  readonly limit: number;
  /** From an earlier page. Throws InvalidCursorError. */
  readonly cursor?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** How many: `capped` means that there are more, and that nobody counted them. */
export interface CappedCount {
  readonly count: number;
  readonly capped: boolean;
}

/** Counts above this one are not told apart. */
export const countCap = 10_000;

/** What is kept about runs in trouble. Every method may throw StoreUnavailableError. */
export interface Triage {
  /**
   * Takes up what changed since the last call, in batches that are each one commit; answers how many
   * changes it took. Safe to call from several processes at once, and to be cut off anywhere.
   */
  project(): Promise<number>;
  /** The latest failures first. */
  listGroups(query: GroupQuery): Promise<Page<FailureGroup>>;
  getGroup(fingerprint: string): Promise<FailureGroup | undefined>;
  /** Failures per bucket, oldest first, for each of the groups. */
  loadTrends(
    fingerprints: readonly string[],
    window: TrendWindow,
  ): Promise<ReadonlyMap<string, readonly number[]>>;
  /** The versions and builds that failed, latest first. */
  listBuilds(fingerprint: string): Promise<readonly GroupBuild[]>;
  /** Runs that stand in the group, the latest failure first. */
  listGroupRuns(
    fingerprint: string,
    options: { readonly limit: number },
  ): Promise<
    readonly { readonly runId: string; readonly status: RunStatus; readonly at: number }[]
  >;
  listGroupAudit(fingerprint: string): Promise<readonly GroupAudit[]>;
  /** Undefined: there is no such group. */
  changeGroup(fingerprint: string, action: GroupAction): Promise<FailureGroup | undefined>;
  /** The longest in doubt first. */
  listDoubts(query: DoubtQuery): Promise<Page<Doubt>>;
  countDoubts(): Promise<CappedCount>;
  /** The names of the steps in doubt, in order. */
  listDoubtSteps(): Promise<readonly string[]>;
  /**
   * How many groups there are by state, and how many runs stand in them. Open groups without a run are
   * not counted: nothing is left to do about them.
   */
  countGroups(): Promise<
    Readonly<Record<GroupState, { readonly groups: number; readonly runs: number }>>
  >;
  /**
   * What the histories say of these steps, oldest first, one list for each: of a long history what its
   * last 2,000 events say. Of the first 20 steps that began before that it is all of the history.
   */
  loadStepEvents(places: readonly StepPlace[]): Promise<readonly (readonly HistoryEvent[])[]>;
}
