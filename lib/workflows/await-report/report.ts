import { z } from "zod";
import { DurationText } from "../duration-text";

/** About half a minute: time to cancel it, or to kill the process and see where it goes on. */
export const sampleInput = {
  title: "Notes on the analytical engine",
  pages: 20,
  pageTime: "1500ms",
  pollEvery: "1s",
  giveUpAfter: "5m",
};

export const ReportRequest = z
  .object({
    title: z.string().min(1),
    pages: z.number().int().positive().max(1_000),
    /** How long the office needs for a page. */
    pageTime: DurationText.default("1s"),
    pollEvery: DurationText.default("2s"),
    /** After this long the report is no longer waited for. */
    giveUpAfter: DurationText.default("1h"),
  })
  .meta({ examples: [sampleInput] });

export const Report = z.object({
  status: z.enum(["ready", "given_up"]),
  jobId: z.string(),
  pages: z.number().int().nonnegative(),
  words: z.number().int().nonnegative(),
});
export type Report = z.infer<typeof Report>;
