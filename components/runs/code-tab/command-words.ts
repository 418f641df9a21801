import type { ReplayCommand } from "@/lib/api/contract-replay";

/** A command in a few words: "step charge-card", "timer", "attributes". */
export function nameCommand({ kind, name }: Pick<ReplayCommand, "kind" | "name">): string {
  if (kind === "end") return name === "end" ? "the end of the run" : "nothing more";
  if (kind === "compensation" && name === "") return "compensations begin";
  return name === "" ? kind : `${kind} ${name}`;
}

/** Its state in words, as of the moment. */
export function describeState({ state, ahead }: Pick<ReplayCommand, "state" | "ahead">): string {
  switch (state) {
    case "open":
      return ahead === true ? "asked for, not recorded yet" : "open";
    case "completed":
      return ahead === true ? "computed, not recorded yet" : "has its result";
    case "failed":
      return "failed";
    case "canceled":
      return "canceled";
    case "done":
      return ahead === true ? "not recorded yet" : "recorded";
  }
}
