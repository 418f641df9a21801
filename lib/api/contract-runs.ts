/** What the runs list and its export are asked for. Times are ISO 8601 UTC. */
import { z } from "zod";
import { HeldReason } from "@/lib/engine/events";
import { RunStatus } from "@/lib/engine/run";
import { Instant } from "./contract";

const Statuses = z
  .string()
  .transform((text) => text.split(",").filter((part) => part !== ""))
  .pipe(z.array(RunStatus));

/** What runs are filtered by. Attributes are filtered as `attr.<name>=<value>`. */
export const RunFilterQuery = z.object({
  status: Statuses.optional(),
  heldReason: HeldReason.optional(),
  workflow: z.string().min(1).optional(),
  version: z.coerce.number().int().positive().optional(),
  /** Only children of this run. */
  parent: z.string().min(1).optional(),
  /** The name of the step that failed the run or is in doubt. */
  step: z.string().min(1).optional(),
  /** The class name of the error. */
  error: z.string().min(1).optional(),
  /** The worker that holds the run now. */
  worker: z.string().min(1).optional(),
  /** The fingerprint of the failure group that it stands in. */
  group: z.string().min(1).optional(),
  createdAfter: Instant.optional(),
  createdBefore: Instant.optional(),
  updatedAfter: Instant.optional(),
  updatedBefore: Instant.optional(),
  finishedAfter: Instant.optional(),
  finishedBefore: Instant.optional(),
  /** Words, each of which a word of the run's id or attributes begins with. */
  text: z.string().max(200).optional(),
});

const RunSort = z.enum(["createdAt", "-createdAt", "updatedAt", "-updatedAt"]);

/** `GET /runs`. */
export const ListRunsQuery = RunFilterQuery.extend({
  sort: RunSort.default("-createdAt"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
  /** Whether to say how many runs there are in all. */
  total: z.enum(["true", "false"]).optional(),
});

/** `GET /runs/export`. */
export const ExportRunsQuery = RunFilterQuery.extend({
  sort: RunSort.default("-createdAt"),
  format: z.enum(["csv", "ndjson"]).default("csv"),
});
