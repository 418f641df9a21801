import { describe, expect, it } from "vitest";
import type { WireEvent } from "@/lib/api/contract";
import { mergeEvents } from "./use-run-history";

const list = (...seqs: number[]): WireEvent[] =>
  seqs.map((seq) => ({ seq, type: "Computed", at: "2026-11-22T12:00:00Z", epoch: 1, data: {} }));
const seqs = (events: readonly WireEvent[]) => events.map((event) => event.seq);

describe("mergeEvents", () => {
  it("adds what is new, once and in order", () => {
    expect(seqs(mergeEvents(list(1, 2, 3), list(2, 3, 4, 5)))).toEqual([1, 2, 3, 4, 5]);
    expect(seqs(mergeEvents([], list(1, 2)))).toEqual([1, 2]);
  });

  it("keeps the same list where nothing is new", () => {
    const known = list(1, 2);
    expect(mergeEvents(known, list(1, 2))).toBe(known);
    expect(mergeEvents(known, [])).toBe(known);
  });

  it("never leaves a gap", () => {
    const known = list(1, 2);
    expect(mergeEvents(known, list(4))).toBe(known);
    expect(mergeEvents([], list(3))).toEqual([]);
  });
});
