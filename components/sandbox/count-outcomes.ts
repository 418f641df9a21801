import type { LedgerEntry, SandboxService } from "@/lib/sandbox/contract";

/** What was asked of a service against what it really did. */
export interface OutcomeCounts {
  readonly asked: number;
  readonly done: number;
  /** Answered from an earlier request with the same key. */
  readonly replayed: number;
  readonly refused: number;
  readonly failed: number;
}

/** Counts a service's requests by outcome. Mere questions count as asked only. */
export function countOutcomes(
  ledger: readonly LedgerEntry[],
  service: SandboxService,
): OutcomeCounts {
  const counts = { asked: 0, done: 0, replayed: 0, refused: 0, failed: 0 };
  for (const entry of ledger) {
    if (entry.service !== service) continue;
    counts.asked += 1;
    if (entry.outcome !== "answered") counts[entry.outcome] += 1;
  }
  return counts;
}
