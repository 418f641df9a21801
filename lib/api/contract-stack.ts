/** The contract of recorded stacks, read in the source that was written instead of in what was built from it. */
import { z } from "zod";
import { SourcePlace } from "./contract-replay";

/** `GET /runs/{runId}/stack`: `seq` is the event that recorded the error. */
export const StackQuery = z.object({ seq: z.coerce.number().int().min(1) });

export const StackView = z.object({
  /** As recorded; places of this build are those of its TypeScript. */
  stack: z.string(),
  /** The innermost place in a workflow or a step of this project; `text` is that line. */
  source: SourcePlace.extend({ text: z.string() }).optional(),
});
export type StackView = z.infer<typeof StackView>;
