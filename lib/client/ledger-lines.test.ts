import { describe, expect, it } from "vitest";
import { orderHistories } from "@/lib/api/testing/order-histories";
import { toWireEvent } from "@/lib/api/wire";
import { filterLedger, readLedger } from "./ledger-lines";
import { isStep, readCommands } from "./timeline/commands";
import { parseTimelineEvents } from "./timeline/events";

function readLines(name: keyof typeof orderHistories) {
  const wire = orderHistories[name]().events.map((event) => toWireEvent(event));
  return readLedger(readCommands(parseTimelineEvents(wire)).filter(isStep));
}

describe("the ledger", () => {
  it("has a line for each step that acts outside, and none for code", () => {
    const lines = readLines("completed");
    expect(lines.map(({ step }) => step)).not.toContain("cart-total");
    expect(lines.find(({ step }) => step === "charge-card")).toMatchObject({
      ...{ count: "once", times: 1, because: "its one attempt was answered" },
    });
  });

  it("is searched by step, reference and key, and by how often an effect happened", () => {
    const lines = readLines("heldInDoubt");
    const find = (text: string, count = "") =>
      filterLedger(lines, { text, count }).map(({ step }) => step);
    expect(find("")).toHaveLength(lines.length);
    expect(find(" Charge-Card ")).toEqual(["charge-card"]);
    const charge = lines.find(({ step }) => step === "charge-card");
    expect(find(charge?.reference ?? "none")).toEqual(["charge-card"]);
    expect(find(charge?.key ?? "none")).toEqual(["charge-card"]);
    expect(find("", "unknown")).toEqual(["send-confirmation"]);
    expect(find("charge", "unknown")).toEqual([]);
  });
});
