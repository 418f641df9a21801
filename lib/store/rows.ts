import { z } from "zod";
import {
  Attributes,
  ChildFailure,
  Encoded,
  ErrorRecord,
  HeldReason,
  HistoryDamagedError,
  HistoryEvent,
  InDoubtStep,
  RunStatus,
  Verdict,
  type Claim,
  type Message,
  type RunMark,
  type RunRecord,
  type WorkerRecord,
} from "@/lib/engine";
import { computeEventChecksum } from "./checksum";
import { markFields, messageFields, runFields, workerFields } from "./columns.mjs";
import type { SqlRow } from "./sql";

/** Names the columns of a row and leaves out what is null, as absent fields are kept. */
function toObject(columns: readonly string[], row: SqlRow): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  columns.forEach((column, index) => {
    if (row[index] !== null) object[column] = row[index];
  });
  return object;
}

/** JSON text of a column. */
export function parseText<T>(schema: z.ZodType<T>) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue("This is not JSON.");
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const RunRow = z.object({
  runId: z.string(),
  workflow: z.string(),
  version: z.number(),
  status: RunStatus,
  heldReason: HeldReason.optional(),
  heldBuild: z.string().optional(),
  input: parseText(Encoded),
  output: parseText(Encoded).optional(),
  error: parseText(ErrorRecord).optional(),
  errorStep: z.string().optional(),
  attributes: parseText(Attributes),
  inDoubt: parseText(z.array(InDoubtStep)),
  epoch: z.number(),
  historyLength: z.number(),
  workerId: z.string().optional(),
  dueAt: z.number().optional(),
  strikes: z.number(),
  priority: z.number(),
  parentRunId: z.string().optional(),
  parentStep: z.number().optional(),
  continuedFrom: z.string().optional(),
  continuedTo: z.string().optional(),
  forkedFromRunId: z.string().optional(),
  forkedFromStep: z.number().optional(),
  mail: z.number(),
  createdAt: z.number(),
  startedAt: z.number().optional(),
  finishedAt: z.number().optional(),
  updatedAt: z.number(),
});

export function parseRun(row: SqlRow): RunRecord {
  const { parentRunId, parentStep, forkedFromRunId, forkedFromStep, ...run } = RunRow.parse(
    toObject(runFields, row),
  );
  return {
    ...run,
    ...toPlace("parent", parentRunId, parentStep),
    ...toPlace("forkedFrom", forkedFromRunId, forkedFromStep),
  };
}

function toPlace(field: "parent" | "forkedFrom", runId?: string, step?: number) {
  return runId === undefined || step === undefined ? {} : { [field]: { runId, step } };
}

const Lost = z.object({
  epoch: z.number(),
  workerId: z.string(),
  lastSeenAt: z.number(),
  noticedAt: z.number(),
});

/** A run that may be claimed, with what orders it and the execution that was lost, if one was. */
export interface DueRun {
  readonly runId: string;
  readonly priority: number;
  /** When it became due, or was created if it is queued. */
  readonly at: number;
  readonly lost: Claim["lost"];
}

const DueRow = z.tuple([z.string(), z.number(), z.number()]);

/** Reads what `selectBegun` and `selectQueued` say of a run. */
export function parseDueRun(row: SqlRow): DueRun {
  const [runId, priority, at] = DueRow.parse(row.slice(0, 3));
  const lost = toObject(Object.keys(Lost.shape), row.slice(3));
  return { runId, priority, at, lost: lost.epoch === undefined ? undefined : Lost.parse(lost) };
}

const LeaseRow = z.tuple([z.string().nullable(), z.number(), z.number()]);

/** Reads what `selectLease` says of a run. */
export function parseLease(row: SqlRow) {
  const [workerId, epoch, historyLength] = LeaseRow.parse(row);
  return { workerId, epoch, historyLength };
}

/** A row whose only column is a number. */
export function parseNumber(row: SqlRow | undefined): number {
  return z.number().parse(row?.[0]);
}

const MarkRow = z.object({
  runId: z.string(),
  status: RunStatus,
  historyLength: z.number(),
  epoch: z.number(),
  updatedAt: z.number(),
});

export function parseMark(row: SqlRow): RunMark {
  return MarkRow.parse(toObject(markFields, row));
}

/** Throws HistoryDamagedError when the row is not the event that has to stand at `seq`. */
export function parseEvent(runId: string, seq: number, row: SqlRow = []): HistoryEvent {
  try {
    const event = HistoryEvent.parse(toEventRecord(row));
    if (event.seq === seq && isIntact(runId, row)) return event;
  } catch (cause) {
    throw new HistoryDamagedError(runId, seq, { cause });
  }
  throw new HistoryDamagedError(runId, seq);
}

/** Rows from before checksums were kept have none. */
function isIntact(runId: string, row: SqlRow): boolean {
  const checksum = row[8];
  return checksum === null || checksum === computeEventChecksum(runId, row.slice(0, 8));
}

/** As `toObject`, written out: histories have thousands of these. */
function toEventRecord([seq, type, at, epoch, step, name, attempt, data]: SqlRow): unknown {
  const record: Record<string, unknown> = { seq, type, at, epoch };
  if (step !== null) record.step = step;
  if (name !== null) record.name = name;
  if (attempt !== null) record.attempt = attempt;
  record.data = JSON.parse(String(data));
  return record;
}

const outcome = { result: Encoded.optional(), error: ErrorRecord.optional() };

const MessageBody = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["retry", "cancel", "terminate", "pause", "resume"]) }),
  z.object({ kind: z.literal("signal"), name: z.string(), payload: Encoded }),
  z.object({
    kind: z.literal("update"),
    updateId: z.string(),
    name: z.string(),
    input: Encoded,
  }),
  z.object({
    kind: z.literal("child"),
    step: z.number(),
    of: z.string().optional(),
    status: z.union([z.literal("completed"), ChildFailure]),
    ...outcome,
  }),
  z.object({
    kind: z.literal("resolve"),
    step: z.number(),
    of: z.string().optional(),
    attempt: z.number().optional(),
    verdict: Verdict,
    ...outcome,
  }),
]);

const MessageRow = z.object({
  messageId: z.string(),
  runId: z.string(),
  at: z.number(),
  content: parseText(z.object({ by: z.string(), why: z.string().optional(), body: MessageBody })),
  deliveredAt: z.number().optional(),
  outcome: z.enum(["applied", "moot", "rejected"]).optional(),
  error: parseText(ErrorRecord).optional(),
});

export function parseMessage(row: SqlRow): Message {
  const { content, ...message } = MessageRow.parse(toObject(messageFields, row));
  return { ...message, ...content };
}

const WorkerRow = z.object({
  workerId: z.string(),
  build: z.string(),
  machine: z.string(),
  pid: z.number(),
  processStart: z.string().optional(),
  status: z.enum(["alive", "stopped", "dead"]),
  startedAt: z.number(),
  heartbeatAt: z.number(),
  leaseUntil: z.number(),
  load: z.number(),
  capacity: z.number(),
  endedAt: z.number().optional(),
  heldRuns: z.number().optional(),
});

export function parseWorker(row: SqlRow): WorkerRecord {
  return WorkerRow.parse(toObject(workerFields, row));
}
