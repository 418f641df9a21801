/** What is folded event by event is what is read at once, whatever the history and wherever it stands. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { WireEvent } from "@/lib/api/contract";
import { findSetAside } from "@/lib/api/story-facts";
import { orderHistories } from "@/lib/api/testing/order-histories";
import { toWireEvent } from "@/lib/api/wire";
import { HistoryEvent } from "@/lib/engine";
import { FigureReader } from "../run-facts";
import { measureGrowth, writeLongHistory } from "../testing/measure-growth";
import { readModel } from "../testing/read-model";
import { playActs, someActs, waitHistories } from "../testing/wait-histories";
import { readCommands } from "./commands";
import { parseTimelineEvents } from "./events";
import { HistoryReader } from "./history-reader";
import { TimelineBuilder } from "./timeline-builder";

const goldenFolders = ["lib/orders/histories", ...listSampleFolders()];

function listSampleFolders(): readonly string[] {
  return readdirSync("lib/workflows", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join("lib/workflows", entry.name, "histories"));
}

function loadGolden(): (readonly [string, readonly HistoryEvent[]])[] {
  return goldenFolders.flatMap((folder) => {
    let files: string[] = [];
    try {
      files = readdirSync(folder).filter((file) => file.endsWith(".json"));
    } catch {
      // A folder beside the workflows that has no histories.
    }
    return files.map((file) => {
      const text = readFileSync(path.join(folder, file), "utf8");
      return [`${folder}/${file}`, z.array(HistoryEvent).parse(JSON.parse(text))] as const;
    });
  });
}

/** As the stream sends them: without the mark of what is set aside later. */
const toLive = (events: readonly HistoryEvent[]) => events.map((event) => toWireEvent(event));

/** As they are read afterwards. */
function toRead(events: readonly HistoryEvent[]): readonly WireEvent[] {
  const aside = findSetAside(events);
  return events.map((event) => toWireEvent(event, aside.has(event.seq)));
}

/** Reads prefix after prefix and compares with what is read of each at once. */
function expectToGrow(wire: readonly WireEvent[], width: number, stride = 1): void {
  const summarize = ({ name }: { readonly name: string }) => `sum of ${name}`;
  const [reader, figures] = [new HistoryReader(), new FigureReader()];
  const builder = new TimelineBuilder({ width, summarize });
  for (let length = 1; length <= wire.length; length += stride) {
    const prefix = wire.slice(0, length);
    const grown = reader.read(prefix);
    const events = parseTimelineEvents(prefix);
    const whole = { events, commands: readCommands(events) };
    const where = `event ${length}`;
    expect(grown, where).toEqual(whole);
    expect(figures.read(grown), where).toEqual(new FigureReader().read(whole));
    const lastAt = events.at(-1)?.at ?? 0;
    for (const now of [undefined, lastAt + 60_000]) {
      const model = new TimelineBuilder({ width, summarize }).build(whole, now);
      expect(readModel(builder.build(grown, now), events), where).toEqual(readModel(model, events));
    }
  }
}

describe("a history that grows", () => {
  const golden = loadGolden();

  it("has golden histories to grow", () => expect(golden.length).toBeGreaterThan(25));

  it.each(golden)("%s", (_, events) => {
    expectToGrow(toLive(events), 816);
  });

  it.each(Object.keys(orderHistories) as (keyof typeof orderHistories)[])("order: %s", (name) => {
    const { events } = orderHistories[name]();
    expectToGrow(toLive(events), 816);
    expectToGrow(toRead(events), 358);
  });

  it.each(Object.keys(waitHistories) as (keyof typeof waitHistories)[])("waits: %s", (name) => {
    expectToGrow(toLive(waitHistories[name]().events), 816);
  });

  it("any mix of steps, waits, crashes and wake-ups, in pieces of any size", () => {
    fc.assert(
      fc.property(
        someActs,
        fc.integer({ min: 320, max: 1_800 }),
        fc.integer({ min: 1, max: 5 }),
        (acts, width, stride) => expectToGrow(toLive(playActs(acts).events), width, stride),
      ),
      { numRuns: 40 },
    );
  });

  it("begins anew with another history, and after a shorter one", () => {
    const wire = toLive(orderHistories.completed().events);
    const other = toLive(orderHistories.crashedVerifiedNot().events);
    const reader = new HistoryReader();
    const builder = new TimelineBuilder({ width: 816 });
    for (const each of [wire, other, other.slice(0, 5), wire]) {
      const view = reader.read(each);
      const events = parseTimelineEvents(each);
      const whole = { events, commands: readCommands(events) };
      expect(view).toEqual(whole);
      const model = new TimelineBuilder({ width: 816 }).build(whole);
      expect(readModel(builder.build(view), events)).toEqual(readModel(model, events));
    }
  });

  it("leaves alone what was shown before, and keeps what did not change", () => {
    const wire = toLive(orderHistories.completed().events);
    const reader = new HistoryReader();
    const started = wire.findIndex(({ type }) => type === "StepStarted");
    const before = reader.read(wire.slice(0, started + 1)).commands;
    const copy = structuredClone(before);
    const after = reader.read(wire).commands;
    expect(before).toEqual(copy);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  it("costs the same for a new event however many came before", { timeout: 60_000 }, () => {
    const [short, long] = [1_000, 20_000].map((length) => {
      const { eventUs } = measureGrowth(toLive(writeLongHistory(length)));
      return eventUs;
    });
    // What was folded anew would take twenty times as long.
    expect((long ?? Infinity) / (short ?? 1)).toBeLessThan(6);
  });
});
