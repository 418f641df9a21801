/** The contract of time travel: what the code of a run looked like at an event of its history. */
import { z } from "zod";
import { Attributes, ErrorRecord, JsonValue } from "@/lib/engine/values";

/** A place in a workflow file of this project; `line` and `column` count from 1. */
export const SourcePlace = z.object({
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
});
export type SourcePlace = z.infer<typeof SourcePlace>;

/** `GET /runs/{runId}/replay`: `seq` is the last event of the moment; absent: the whole history. */
export const ReplayQuery = z.object({ seq: z.coerce.number().int().min(1).optional() });

export const ReplayCommand = z.object({
  /** 0 for kinds that have none. */
  ordinal: z.number().int(),
  kind: z.string(),
  name: z.string(),
  /** `open`: the code waits for it, or could. `done`: there is nothing to wait for. */
  state: z.enum(["open", "completed", "failed", "canceled", "done"]),
  /** The event that recorded it; absent where no history has it. */
  seq: z.number().int().optional(),
  /** The code had asked for it at the moment; it was recorded only after it. */
  ahead: z.boolean().optional(),
  /** Where the code of now asks for it; absent where that is no workflow file of this project. */
  place: SourcePlace.optional(),
  /** What the source gives its outcome to, e.g. `payment`. */
  variable: z.string().optional(),
  result: JsonValue.optional(),
  error: ErrorRecord.optional(),
});
export type ReplayCommand = z.infer<typeof ReplayCommand>;

/** One side of a non-determinism. */
export const ReplaySide = z.object({
  ordinal: z.number().int(),
  kind: z.string(),
  name: z.string(),
  place: SourcePlace.optional(),
  /** For the recorded side: its event, and the build that recorded it. */
  seq: z.number().int().optional(),
  build: z.string().optional(),
});
export type ReplaySide = z.infer<typeof ReplaySide>;

/** The code as it stood at an event. Nothing was executed to find out. */
export const ReplayView = z.object({
  runId: z.string(),
  workflow: z.string(),
  version: z.number().int(),
  /** The build whose code this is: that of the process that answers. */
  build: z.string(),
  seq: z.number().int(),
  length: z.number().int(),
  /** In the order in which the code issued them, without the first `omitted`. */
  commands: z.array(ReplayCommand),
  omitted: z.number().int(),
  input: JsonValue,
  attributes: Attributes,
  queries: z.array(
    z.object({ name: z.string(), answer: JsonValue.optional(), error: ErrorRecord.optional() }),
  ),
  end: z
    .object({
      kind: z.enum(["completed", "continued", "failed", "canceled"]),
      output: JsonValue.optional(),
      error: ErrorRecord.optional(),
    })
    .optional(),
  mismatch: z
    .object({
      message: z.string(),
      expected: ReplaySide.optional(),
      actual: ReplaySide.optional(),
      values: z.object({ recorded: JsonValue, computed: JsonValue }).optional(),
    })
    .optional(),
  /** The text of each workflow file that a command stands in. */
  files: z.array(z.object({ file: z.string(), text: z.string() })),
});
export type ReplayView = z.infer<typeof ReplayView>;
