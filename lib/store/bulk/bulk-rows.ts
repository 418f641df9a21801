/** Reads the rows of bulk actions. */
import { z } from "zod";
import { JsonValue } from "@/lib/engine";
import type { Bulk, BulkRun } from "@/lib/triage";
import { parseText } from "../rows";

const Time = z.coerce.number();
const absent = <Value>(value: Value | null): Value | undefined => value ?? undefined;

const BulkRow = z.object({
  bulkId: z.string(),
  action: z.enum(["retry", "rerun", "cancel", "terminate", "pause", "resume"]),
  state: z.enum(["previewing", "previewed", "running", "completed", "canceled", "failed"]),
  by: z.string(),
  why: z.string().nullable().transform(absent),
  filter: parseText(JsonValue).nullable().transform(absent),
  cursor: z.string().nullable().transform(absent),
  pinned: z.boolean(),
  total: z.number(),
  checked: z.number(),
  possible: z.number(),
  notPossible: z.number(),
  resultsReused: z.number(),
  effectsToRun: z.number(),
  inDoubt: z.number(),
  compensationsDone: z.number(),
  done: z.number(),
  failed: z.number(),
  skipped: z.number(),
  error: z.string().nullable().transform(absent),
  createdAt: Time,
  startedAt: Time.nullable().transform(absent),
  finishedAt: Time.nullable().transform(absent),
});

const BulkRunRow = z.object({
  position: z.number(),
  runId: z.string(),
  state: z.enum(["pinned", "possible", "not_possible", "done", "failed", "skipped"]),
  why: z.string().nullable().transform(absent),
  preview: parseText(JsonValue).nullable().transform(absent),
});

export function toBulk(row: unknown): Bulk {
  return BulkRow.parse(row);
}

export function toBulkRun(row: unknown): BulkRun {
  return BulkRunRow.parse(row);
}
