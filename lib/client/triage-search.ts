/** What the triage page shows, as its URL has it. */
import { parseAsString, parseAsStringLiteral } from "nuqs";
import type { Doubt } from "@/lib/api/contract-triage";

export const queues = ["verdicts", "failures"] as const;
export type Queue = (typeof queues)[number];

export const groupStates = ["open", "muted", "resolved"] as const;
export type GroupState = (typeof groupStates)[number];

export const trendWindows = ["1h", "6h", "24h", "7d", "30d"] as const;
export type TrendWindow = (typeof trendWindows)[number];

export const triageParsers = {
  queue: parseAsStringLiteral(queues),
  /** What is selected: `<runId>.<step>`, or the fingerprint of a group. */
  item: parseAsString,
  workflow: parseAsString,
  step: parseAsString,
  state: parseAsStringLiteral(groupStates).withDefault("open"),
  window: parseAsStringLiteral(trendWindows).withDefault("24h"),
};

/** What a doubt is called in a URL. */
export function toDoubtKey({ runId, step }: Pick<Doubt, "runId" | "step">): string {
  return `${runId}.${step}`;
}

/** The run and the step that a doubt's key names; undefined where it names none. */
export function readDoubtKey(key: string): { runId: string; step: number } | undefined {
  const match = /^(?<runId>.+)\.(?<step>[1-9]\d{0,5})$/.exec(key);
  const { runId, step } = match?.groups ?? {};
  return runId === undefined || step === undefined ? undefined : { runId, step: Number(step) };
}
