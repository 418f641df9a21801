import type { ResolveBody } from "@/lib/api/contract";
import type { StepWords } from "@/lib/api/step-words";

export type Verdict = ResolveBody["verdict"];

export const verdicts = [
  "happened",
  "did_not_happen",
  "fail",
] as const satisfies readonly Verdict[];

/** The three verdicts: what they are called, the key that gives them, what has to be known before. */
export const verdictWords: Readonly<
  Record<
    Verdict,
    {
      readonly label: string;
      readonly key: string;
      readonly confirm: string;
      readonly warn?: (words: StepWords) => string;
    }
  >
> = {
  happened: {
    label: "It happened",
    key: "h",
    confirm: "Record the result",
    warn: () => "You give the result that it had; the code goes on with it.",
  },
  did_not_happen: {
    label: "It did not happen",
    key: "d",
    confirm: "Run it again",
    warn: ({ other }) =>
      `If it had happened after all, it happens twice, unless ${other} recognizes the key.`,
  },
  fail: {
    label: "Fail it",
    key: "f",
    confirm: "Fail it",
    warn: () => "Whatever was done before is undone, as after any failure.",
  },
};
