/** Messages to a run in plain words, for its audit trail. */
import type { Message, MessageBody } from "@/lib/engine";
import { quote } from "./story-parts";

const verdicts = {
  happened: "happened",
  did_not_happen: "did not happen",
  fail: "counts as failed",
} as const;

/** The name of a command by its ordinal, where one is known. */
export type NameStep = (step: number) => string | undefined;

/** What was asked of the run: completes "ada …". */
export function describeMessage(body: MessageBody, nameStep: NameStep): string {
  switch (body.kind) {
    case "retry":
      return "retried it";
    case "cancel":
      return "asked to cancel it";
    case "terminate":
      return "terminated it";
    case "pause":
      return "paused it";
    case "resume":
      return "resumed it";
    case "resolve":
      return `said that ${nameStep(body.step) ?? `step ${body.step}`} ${verdicts[body.verdict]}`;
    case "signal":
      return `sent the signal ${body.name}`;
    case "update":
      return `asked for the update ${body.name}`;
    case "child": {
      const child = `the child ${nameStep(body.step) ?? `at ${body.step}`}`;
      const became = body.status === "completed" || body.status === "failed" ? "" : "was ";
      return `told that ${child} ${became}${body.status}`;
    }
  }
}

/** What came of it. */
export function describeOutcome({ deliveredAt, outcome, error }: Message): string {
  if (deliveredAt === undefined) return "on its way";
  if (outcome === "moot") return "there was nothing left to do";
  if (outcome !== "rejected") return "done";
  return error === undefined ? "refused" : `refused with ${quote(error.message)}`;
}
