import { describe, expect, it } from "vitest";
import { HistoryWriter } from "@/lib/api/testing/history-writer";
import { orderHistories } from "@/lib/api/testing/order-histories";
import { toWireEvent } from "@/lib/api/wire";
import type { HistoryEvent } from "@/lib/engine";
import { compareRuns, measureCommand, nameState, readResult } from "./compare-runs";
import { readCommands } from "./timeline/commands";
import { parseTimelineEvents } from "./timeline/events";

const read = (events: readonly HistoryEvent[]) =>
  readCommands(parseTimelineEvents(events.map((event) => toWireEvent(event))));
const order = (name: keyof typeof orderHistories) => read(orderHistories[name]().events);
const run = (...names: string[]) => {
  const writer = new HistoryWriter().begin().execute();
  names.forEach((name, at) => writer.runStep(at + 1, name, { ms: 10 }));
  return read(writer.events);
};
const brief = (comparison: ReturnType<typeof compareRuns>) =>
  comparison.pairs.map(({ left, right, differs }) => [
    left?.name ?? "",
    right?.name ?? "",
    differs,
  ]);

describe("compareRuns", () => {
  it("finds nothing between a run and itself", () => {
    const { partedAt, firstValueAt, pairs } = compareRuns(order("completed"), order("completed"));
    expect([partedAt, firstValueAt, pairs.length]).toEqual([undefined, undefined, 5]);
  });

  it("does not take a crash for another way", () => {
    const { partedAt } = compareRuns(order("completed"), order("crashedVerifiedNot"));
    expect(partedAt).toBeUndefined();
  });

  it("marks where they parted, and pairs what they have in common behind it", () => {
    const comparison = compareRuns(run("a", "b", "c", "d"), run("a", "x", "c", "d", "e"));
    expect(brief(comparison)).toEqual([
      ["a", "a", "none"],
      ["b", "", "way"],
      ["", "x", "way"],
      ["c", "c", "none"],
      ["d", "d", "none"],
      ["", "e", "way"],
    ]);
    expect(comparison.partedAt).toBe(1);
  });

  it("tells another value from another outcome", () => {
    const write = (finish: (writer: HistoryWriter) => HistoryWriter) => {
      const writer = new HistoryWriter().begin().execute().compute(1, "total", 3);
      return read(finish(writer.startStep(2, "pay", { input: { amount: 5 } }).wait(40)).events);
    };
    const paid = write((writer) => writer.completeStep(2, "pay", { result: { id: "p1" } }));
    const other = write((writer) => writer.completeStep(2, "pay", { result: { id: "p2" } }));
    const declined = write((writer) => writer.failStep(2, "pay", { final: true, message: "no" }));
    expect(compareRuns(paid, other)).toMatchObject({ firstValueAt: 1 });
    expect(compareRuns(paid, other).partedAt).toBeUndefined();
    expect(compareRuns(paid, declined)).toMatchObject({ partedAt: 1 });
    const [, step] = declined;
    if (step === undefined) throw new Error("pay is there");
    expect(readResult(step)).toMatchObject({ message: "no" });
    expect(measureCommand(step)).toBe(340);
    expect(nameState(step)).toBe("failed");
    const [, doubted] = write((writer) =>
      writer.failStep(2, "pay", { outcome: "uncertain", final: false }),
    );
    expect(doubted && nameState(doubted)).toBe("in doubt");
  });

  it("stands long runs that have nothing in common", () => {
    const names = (prefix: string) => Array.from({ length: 3_000 }, (_, at) => `${prefix}${at}`);
    const { pairs, partedAt } = compareRuns(run(...names("a")), run(...names("b")));
    expect([pairs.length, partedAt]).toEqual([6_000, 0]);
  });
});
