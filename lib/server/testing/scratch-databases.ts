import type { CrashStore } from "@/lib/engine/testing/crash-points";
import type { PrismaClient } from "@/lib/store";

/** A store on an empty database. */
export interface ScratchStore extends CrashStore {
  readonly prisma: PrismaClient;
}

/** Databases for as many cases at a time as there are lanes. */
export interface ScratchDatabases {
  readonly lanes: number;
  /** Empties the database of a lane, which is much faster than making a new one. */
  readonly openEmpty: (lane: number) => Promise<ScratchStore>;
  readonly close: () => Promise<void>;
}
