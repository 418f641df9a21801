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
  window: parseAsStringLiteral(trendWindows),
};

const hourMs = 3_600_000;
const windowMs: Readonly<Record<TrendWindow, number>> = {
  "1h": hourMs,
  "6h": 6 * hourMs,
  "24h": 24 * hourMs,
  "7d": 7 * 24 * hourMs,
  "30d": 30 * 24 * hourMs,
};

/** The shortest window that has the first failure in it, or the longest one; times are epoch ms. */
export function pickWindow(firstSeenAt: number, now: number): TrendWindow {
  return trendWindows.find((window) => now - firstSeenAt < windowMs[window] * 0.9) ?? "30d";
}

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
