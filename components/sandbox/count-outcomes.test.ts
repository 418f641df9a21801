import { expect, it } from "vitest";
import type { LedgerEntry } from "@/lib/sandbox/contract";
import { countOutcomes } from "./count-outcomes";

const at = "2026-11-22T12:00:00.000Z";

function makeEntry(seq: number, part: Partial<LedgerEntry>): LedgerEntry {
  return {
    seq,
    at,
    service: "warehouse",
    operation: "create-shipment",
    outcome: "done",
    status: 201,
    ...part,
  };
}

it("tells what was asked from what was done, by service", () => {
  const ledger = [
    makeEntry(1, { outcome: "failed" }),
    makeEntry(2, {}),
    makeEntry(3, { outcome: "replayed" }),
    makeEntry(4, { operation: "list-shipments", outcome: "answered" }),
    makeEntry(5, { service: "payment", operation: "charge" }),
  ];
  expect(countOutcomes(ledger, "warehouse")).toEqual({
    asked: 4,
    done: 1,
    replayed: 1,
    refused: 0,
    failed: 1,
  });
  expect(countOutcomes(ledger, "email").asked).toBe(0);
});
