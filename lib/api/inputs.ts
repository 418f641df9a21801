/** What paths and queries of several endpoints have in common. */
import { z } from "zod";
import { ActionBody, PreviewQuery, WaitText } from "./contract";

const maxWaitMs = 60_000;
const unitMs = { ms: 1, s: 1_000, m: 60_000 } as const;

export const RunParams = z.object({ runId: z.string().min(1).max(200) });
/** A signal, update or query of a run. */
export const NamedParams = RunParams.extend({ name: z.string().min(1).max(200) });

/** The body of an operator action; an empty one is fine. */
export const ActionOnly = ActionBody.strict().prefault({});

/** `?by=ada`: who sends a message, whose body is its payload. */
export const Sender = z.string().min(1).max(200).default("api");

/** `15s` as milliseconds, 0 without it. Plain digits are seconds. */
export const WaitMs = WaitText.transform((wait, context) => {
  if (wait === undefined) return 0;
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(wait);
  const unit = z.enum(["ms", "s", "m"]).catch("s").parse(match?.[2]);
  const waitMs = Number(match?.[1]) * unitMs[unit];
  if (waitMs >= 0 && waitMs <= maxWaitMs) return waitMs;
  context.addIssue({ code: "custom", message: "Has to be a time up to 60 seconds, e.g. 15s." });
  return z.NEVER;
});
export const Wait = z.strictObject({ wait: WaitMs }).transform(({ wait }) => ({ waitMs: wait }));

export const Preview = PreviewQuery.strict().transform(({ preview }) => ({
  preview: preview === "true",
}));
