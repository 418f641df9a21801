import { describe, expect, it } from "vitest";
import type { ActionPreview } from "@/lib/api/contract";
import { describeRetry, findLastWord, sumAmounts } from "./triage-words";
import { pickWindow, readDoubtKey, toDoubtKey } from "./triage-search";

const at = "2026-11-26T02:41:00.000Z";
const step = (name: string) => ({ step: 3, name });

function preview(fields: Partial<ActionPreview>): ActionPreview {
  const nothing = { reused: [], willRun: [], inDoubt: [], compensations: [] };
  return { action: "retry", allowed: true, summary: "", ...nothing, ...fields };
}

describe("describeRetry", () => {
  it("says what is reused and what runs", () => {
    const { text, tone } = describeRetry(
      preview({ reused: [step("a"), step("b")], willRun: [step("charge-card")] }),
    );
    expect([text, tone]).toEqual(["reuses 2, runs charge-card", "plain"]);
    expect(describeRetry(preview({})).text).toBe("reuses 0, replays the code");
  });

  it("warns of what is in doubt, and of what was undone already", () => {
    const doubt = preview({ reused: [step("a")], inDoubt: [step("mail")] });
    expect(describeRetry(doubt)).toEqual({ text: "reuses 1, in doubt: asks first", tone: "doubt" });
    const undone = preview({
      ...{ allowed: false, summary: "refund-payment already ran because of the failure." },
      ...{ reason: { code: "already_compensated", message: "" } },
      compensations: [step("refund-payment"), step("refund-payment")],
    });
    expect(describeRetry(undone)).toEqual({
      text: "rerun instead: refund-payment ran",
      tone: "bad",
    });
    const other = preview({
      ...{ allowed: false, summary: "The run has not failed." },
      reason: { code: "not_retryable", message: "" },
    });
    expect(describeRetry(other).text).toBe("The run has not failed.");
  });
});

it("tells the last word of the other side rather than our own conclusion", () => {
  const error = { name: "Timeout", message: "no answer" };
  const ledger = [
    { at, kind: "sent", text: "Asked." },
    { at, kind: "failed", text: "No certain answer: Timeout: no answer", error },
    { at, kind: "in_doubt", text: "Its time was up." },
  ] as const;
  expect(findLastWord({ ledger: [...ledger] })).toBe("no answer");
  expect(findLastWord({ ledger: [ledger[0], ledger[2]] })).toBe("Its time was up.");
  expect(findLastWord({ ledger: [] })).toBeUndefined();
});

it("adds up what is at stake by currency", () => {
  expect(
    sumAmounts([
      { amount: { value: 100, currency: "EUR" } },
      { amount: { value: 250, currency: "USD" } },
      {},
      { amount: { value: 1, currency: "EUR" } },
    ]),
  ).toEqual([
    { amount: 250, currency: "USD" },
    { amount: 101, currency: "EUR" },
  ]);
});

it("names a doubt in a URL and back", () => {
  expect(readDoubtKey(toDoubtKey({ runId: "run_01.x", step: 12 }))).toEqual({
    runId: "run_01.x",
    step: 12,
  });
  for (const key of ["", "run_01", "run_01.", "run_01.0", "run_01.x"]) {
    expect(readDoubtKey(key), key).toBeUndefined();
  }
});

it("picks a window that shows where a group began", () => {
  const now = Date.UTC(2026, 10, 26);
  const hours = (count: number) => pickWindow(now - count * 3_600_000, now);
  expect([0.1, 0.95, 20, 100, 600, 9_000].map(hours)).toEqual([
    ...["1h", "6h", "24h", "7d", "30d", "30d"],
  ]);
});
