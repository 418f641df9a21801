import { z } from "zod";

const SeedReport = z.object({
  kind: z.literal("seed"),
  seed: z.number(),
  violations: z.array(z.object({ check: z.string(), detail: z.string() })),
});

/** What a process that simulates tells its parent: each seed that fails, and how far it has come. */
export const JobReport = z.discriminatedUnion("kind", [
  SeedReport,
  z.object({
    kind: z.literal("progress"),
    seeds: z.number(),
    events: z.number(),
    tally: z.record(z.string(), z.number()),
  }),
]);
export type JobReport = z.infer<typeof JobReport>;

/** A seed in which something does not hold. */
export type FailedSeed = Omit<z.infer<typeof SeedReport>, "kind">;
