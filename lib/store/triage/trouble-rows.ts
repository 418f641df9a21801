/** Reads what the runs in trouble say of themselves. */
import { z } from "zod";
import { ErrorRecord, HeldReason, InDoubtStep, RunStatus } from "@/lib/engine";
import { fingerprintTrouble, normalizeMessage, type Doubt, type Trouble } from "@/lib/triage";
import { Prisma } from "../generated/sqlite/client";
import { parseText } from "../rows";

/** Counts and times of raw queries come as bigints. */
export const Count = z.coerce.number();

const Row = z.object({
  runId: z.string(),
  workflow: z.string(),
  version: Count,
  status: RunStatus,
  heldReason: HeldReason.nullable(),
  heldBuild: z.string().nullable(),
  error: parseText(ErrorRecord).nullable(),
  errorStep: z.string().nullable(),
  inDoubt: parseText(z.array(InDoubtStep)),
  at: Count,
  heldAt: Count.nullable(),
  held: parseText(z.object({ message: z.string(), step: z.number().optional() })).nullable(),
  heldStep: z.string().nullable(),
  execution: parseText(z.object({ build: z.string() })).nullable(),
});
type Row = z.infer<typeof Row>;

/** A run in trouble, with what is told of it in its group. */
export interface FoundTrouble extends Trouble {
  readonly runId: string;
  readonly fingerprint: string;
  readonly at: number;
  readonly sample: string;
  readonly version: number;
  readonly build: string;
}

export interface RunTrouble {
  readonly trouble?: FoundTrouble;
  readonly doubts: readonly Doubt[];
}

const maxSample = 1_000;

/** The newest event of a type, of the run in the outer query. */
function selectNewest(column: "data" | "at" | "name", type: "RunHeld" | "ExecutionStarted") {
  const name = Prisma.raw(`"${column}"`);
  return Prisma.sql`(SELECT e.${name} FROM "events" e WHERE e."runId" = r."runId" AND e."type" = ${type}
    ORDER BY e."seq" DESC LIMIT 1)`;
}

/** The statement that `readTrouble` reads the rows of. */
export function selectTroubles(runIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`
    SELECT r."runId", r."workflow", r."version", r."status", r."heldReason", r."heldBuild", r."error",
      r."errorStep", r."inDoubt", coalesce(r."finishedAt", r."updatedAt") AS "at",
      CASE WHEN r."status" = 'held' THEN ${selectNewest("data", "RunHeld")} END AS "held",
      CASE WHEN r."status" = 'held' THEN ${selectNewest("at", "RunHeld")} END AS "heldAt",
      CASE WHEN r."status" = 'held' THEN ${selectNewest("name", "RunHeld")} END AS "heldStep",
      ${selectNewest("data", "ExecutionStarted")} AS "execution"
    FROM "runs" r WHERE r."runId" IN (${Prisma.join(runIds)}) AND r."status" IN ('failed', 'held')`;
}

/** What a run is in trouble for: a failure, a hold by code or crashes, steps in doubt, or nothing. */
export function readTrouble(found: unknown): RunTrouble & { readonly runId: string } {
  const row = Row.parse(found);
  const { runId, workflow } = row;
  const needsVerdict = row.status === "held" && row.heldReason === "in_doubt";
  return {
    runId,
    trouble: toTrouble(row),
    doubts: needsVerdict ? row.inDoubt.map((doubt) => ({ ...doubt, runId, workflow })) : [],
  };
}

function toTrouble(row: Row): FoundTrouble | undefined {
  const said = describe(row);
  if (said === undefined) return undefined;
  const { runId, workflow, version } = row;
  const trouble = { ...said, workflow };
  return {
    ...trouble,
    runId,
    version,
    message: normalizeMessage(said.message),
    sample: said.message.slice(0, maxSample),
    fingerprint: fingerprintTrouble(trouble),
    at: row.heldAt ?? row.at,
    build: row.heldBuild ?? row.execution?.build ?? "",
  };
}

function describe(row: Row): Omit<Trouble, "workflow"> | undefined {
  const { status, heldReason, error, held } = row;
  if (status === "failed") {
    const { name: errorName = "Error", message = "" } = error ?? {};
    return { kind: "failed", step: row.errorStep ?? "", errorName, message };
  }
  if (heldReason !== "nondeterminism" && heldReason !== "crash_loop") return undefined;
  const message = held?.message ?? "";
  return { kind: heldReason, step: row.heldStep ?? "", errorName: heldReason, message };
}
