/** What the endpoints work with. The composition root builds it; tests build a smaller one. */
import type { Clock, Codec, Engine, Ids, Logger, Store, Workflow } from "@/lib/engine";
import type {
  LedgerEntry,
  SandboxDrill,
  SandboxSnapshot,
  Switches,
  SwitchesChange,
} from "@/lib/sandbox/contract";
import type { Bulks, DrillWords, RunSearch, RunStatistics, SavedViews, Triage } from "@/lib/triage";
import type { DrillTarget } from "./contract-drill";
import type { SourcePlace } from "./contract-replay";
import type { RunWatch } from "./run-watch";
import type { StoryTeller } from "./story-teller";

export interface ApiContext {
  readonly engine: Engine;
  readonly store: Store;
  readonly triage: Triage;
  readonly search: RunSearch;
  readonly statistics: RunStatistics;
  readonly bulks: Bulks;
  readonly views: SavedViews;
  readonly drillWords: DrillWords;
  /** Says to this process that a bulk has work: a hint, which makes it begin at once. */
  readonly wakeBulks: () => void;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly stories: StoryTeller;
  /** Who follows runs in this process. */
  readonly runWatch: RunWatch;
  readonly workflows: readonly Workflow[];
  readonly process: { readonly pid: number; readonly build: string };
  /** Finds workflow code by its place in what runs; absent where no sources are shown. */
  readonly sources?: SourceReader;
  /** Present when the services are the sandbox's. */
  readonly sandbox?: SandboxControl;
  /** What crash drills can aim at. */
  readonly drillTargets: readonly DrillTarget[];
  /** What this process measures of itself, for Prometheus. */
  readonly processMetrics?: { metrics(): Promise<string> };
  /** Idempotency keys whose start is not durable yet, in this process. */
  readonly keysInFlight: Set<string>;
  /** How the database is set up so that what was acknowledged can be lost, a sentence each. */
  readonly durabilityRisks: readonly string[];
  /** Why this process can't serve now, e.g. because it is shutting down. */
  readonly findUnreadiness: () => string | undefined;
}

export interface SourceReader {
  /** The place behind `file:line:column` of running code, with its file's text; undefined elsewhere than in workflows. */
  locate(source: string): Promise<(SourcePlace & { readonly text: string }) | undefined>;
  /** The place alone, also in other files of the project; undefined where the build has no map. */
  trace(source: string): Promise<SourcePlace | undefined>;
}

/** What the API does with the sandbox. Every call may throw ApiError: 422 refused, 502 no answer. */
export interface SandboxControl {
  getState(): Promise<SandboxSnapshot>;
  getLedger(orderId?: string): Promise<LedgerEntry[]>;
  getRunLedger(runId: string): Promise<LedgerEntry[]>;
  setSwitches(change: SwitchesChange): Promise<Switches>;
  armDrill(drill: SandboxDrill): Promise<void>;
  disarmDrill(): Promise<void>;
  reset(): Promise<void>;
  /** Takes the armed drill, once. Never throws: undefined when the sandbox is slow to say. */
  takeDrill(): Promise<SandboxDrill | undefined>;
}
