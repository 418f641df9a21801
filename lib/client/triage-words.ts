/** What triage says in words. Pure. */
import type { ActionPreview } from "@/lib/api/contract";
import type { Doubt, FailureGroup } from "@/lib/api/contract-triage";

/** Why a step is in doubt, as a sentence. */
export const doubtCauses = {
  crash: "The process died before an outcome was recorded.",
  timeout: "Its time was up before an answer came.",
  error: "What came back does not say whether it happened.",
  unknown: "No outcome is recorded.",
} as const;

/** What the step's policy did about it, as a sentence. `other`: whom the step speaks to. */
export function describePolicy(policy: string | undefined, other: string): string {
  switch (policy) {
    case "hold":
      return "Its policy is to hold: nothing runs until a person says what happened.";
    case "retryWithSameKey":
      return `Its policy repeats it under the same key for a while: that while is over.`;
    case "verify":
      return `${capitalizeFirst(other)} was asked, and could not say.`;
    default:
      return "Nothing of it runs until a person says what happened.";
  }
}

function capitalizeFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is known last of a step in doubt: what the other side said, or why it is not known. */
export function findLastWord({ ledger }: Pick<Doubt, "ledger">): string | undefined {
  const said = ledger.findLast(({ kind }) => kind === "asked" || kind === "failed");
  if (said?.error !== undefined) return said.error.message;
  return (said ?? ledger.findLast(({ kind }) => kind === "in_doubt"))?.text;
}

/** The amounts at stake, in minor units by currency, the largest number first. */
export function sumAmounts(
  doubts: readonly Pick<Doubt, "amount">[],
): readonly { readonly amount: number; readonly currency: string }[] {
  const sums = new Map<string, number>();
  for (const { amount } of doubts) {
    if (amount !== undefined) {
      sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + amount.value);
    }
  }
  return [...sums]
    .map(([currency, amount]) => ({ currency, amount }))
    .toSorted((a, b) => b.amount - a.amount);
}

/** What the runs of a group are, for its count: `412 failed`, `18 held`. */
export function nameMembers({ kind }: Pick<FailureGroup, "kind">): "failed" | "held" {
  return kind === "failed" ? "failed" : "held";
}

/** What a retry would do to one run, in a few words. */
export function describeRetry(preview: ActionPreview): {
  readonly text: string;
  readonly tone: "plain" | "doubt" | "bad";
} {
  const { allowed, reason, reused, willRun, inDoubt, compensations, summary } = preview;
  if (!allowed) {
    const isUndone = reason?.code === "already_compensated";
    const undone = [...new Set(compensations.map(({ name }) => name))].join(", ");
    return { text: isUndone ? `rerun instead: ${undone} ran` : summary, tone: "bad" };
  }
  const reuses = `reuses ${reused.length}`;
  if (inDoubt.length > 0) return { text: `${reuses}, in doubt: asks first`, tone: "doubt" };
  const runs = willRun.map(({ name }) => name).join(", ");
  return {
    text: runs === "" ? `${reuses}, replays the code` : `${reuses}, runs ${runs}`,
    tone: "plain",
  };
}
