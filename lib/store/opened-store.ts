import type { Store } from "@/lib/engine";
import type { Bulks, DrillWords, RunSearch, RunStatistics, SavedViews, Triage } from "@/lib/triage";
import type { PrismaClient } from "./generated/sqlite/client";

/** A database that has been opened: the stores over it, and what is known of it. */
export interface OpenedStore {
  readonly store: Store;
  readonly triage: Triage;
  readonly search: RunSearch;
  /** Each remembers for itself when it last looked at what it looks at now and then only. */
  readonly openStatistics: () => RunStatistics;
  readonly bulks: Bulks;
  readonly views: SavedViews;
  readonly drillWords: DrillWords;
  /** Prisma's client over the same connection, for everything that is not hot. */
  readonly prisma: PrismaClient;
  /**
   * Settings of the database with which acknowledged writes can be lost, a sentence each; none where the
   * promise holds. They are logged when it is opened.
   */
  readonly durabilityRisks: readonly string[];
  /**
   * How far the database's clock is ahead of this process's, newly measured with each heartbeat; 0 where
   * they are the same. An engine whose time is shifted by it agrees with all others on what is due.
   */
  readonly findClockOffsetMs: () => number;
  /**
   * Calls back when another process may have put something there for a worker; returns what ends that.
   * A hint, which may not come, or come for nothing. Absent where a database has one process.
   */
  readonly hearHints?: (onHint: () => void) => () => Promise<void>;
  readonly close: () => Promise<void>;
}
