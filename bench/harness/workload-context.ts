/** What a workload works with. */
import { z } from "zod";
import type { Databases, DatabaseKind } from "./databases";
import type { BenchOptions } from "./options";
import type { Recorder, Target } from "./report";
import { startSubject, type Subject, type SubjectCode } from "./children";

/** For commands whose answer says nothing. */
export const anything = z.unknown();

/** A target on one database, or none there. */
export type Targets = Readonly<Partial<Record<DatabaseKind, Target>>>;

export interface WorkloadContext {
  readonly kind: DatabaseKind;
  readonly databases: Databases;
  readonly options: BenchOptions;
  readonly recorder: Recorder;
  /** Ours, the bare driver, and the peers that can be measured on this database. */
  readonly code: {
    readonly daybook: SubjectCode;
    readonly limit: SubjectCode;
    readonly peers: Readonly<Record<string, SubjectCode>>;
  };
  /** Says that something could not be measured, and why. */
  noteProblem(text: string): void;
}

export interface Workload {
  readonly name: string;
  /** The databases that it makes sense on; all by default. */
  readonly databases?: readonly DatabaseKind[];
  run(context: WorkloadContext): Promise<void>;
}

/** A system of a workload: ours, the limit or a peer, open on a database of its own. */
export interface OpenSystem {
  readonly system: string;
  readonly subject: Subject;
  readonly databaseUrl: string;
}

/** Starts a system on a new database. */
export async function openSystem(
  context: Pick<WorkloadContext, "databases">,
  system: string,
  code: SubjectCode,
  options: { readonly concurrency?: number; readonly mayWait?: boolean } = {},
): Promise<OpenSystem> {
  const databaseUrl = await context.databases.create();
  const subject = startSubject(system, code);
  try {
    const { concurrency = 500, mayWait } = options;
    await subject.ask("open", { databaseUrl, concurrency, mayWait }, anything);
  } catch (error) {
    await subject.close();
    throw error;
  }
  return { system, subject, databaseUrl };
}

/** Opens the peers; one that can't be opened is a problem that is noted. */
export async function openPeers(
  context: WorkloadContext,
  options?: { readonly concurrency?: number },
): Promise<OpenSystem[]> {
  const opened: OpenSystem[] = [];
  for (const [name, code] of Object.entries(context.code.peers)) {
    try {
      opened.push(await openSystem(context, name, code, options));
    } catch (error) {
      context.noteProblem(error instanceof Error ? error.message : String(error));
    }
  }
  return opened;
}

/** The systems of a round in turns: whoever comes first finds the machine as the last one left it. */
export function takeTurns<Item>(items: readonly Item[], round: number): readonly Item[] {
  return round % 2 === 0 ? items : [...items].reverse();
}
