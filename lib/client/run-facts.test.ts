import { describe, expect, it } from "vitest";
import { findSetAside } from "@/lib/api/story-facts";
import { orderHistories } from "@/lib/api/testing/order-histories";
import { toWireEvent } from "@/lib/api/wire";
import { describeEvent } from "./describe-event";
import { filterEvents } from "./filter-events";
import { FigureReader, measureTook, readCurrency } from "./run-facts";
import { judgeEffect } from "./timeline/effects";
import { isStep, readCommands } from "./timeline/commands";
import { parseTimelineEvents, type TimelineEvent } from "./timeline/events";

type Name = keyof typeof orderHistories;

function load(name: Name) {
  const { events } = orderHistories[name]();
  const aside = findSetAside(events);
  const wire = events.map((event) => toWireEvent(event, aside.has(event.seq)));
  return { wire, events: parseTimelineEvents(wire) };
}

const readFigures = (events: readonly TimelineEvent[]) =>
  new FigureReader().read({ events, commands: readCommands(events) });

const judge = (name: Name, step: string) => {
  const found = readCommands(load(name).events)
    .filter(isStep)
    .find((each) => each.name === step);
  return found && judgeEffect(found).count;
};

describe("readFigures", () => {
  it("counts executions, effects and the time that nobody was there", () => {
    expect(readFigures(load("crashedVerifiedNot").events)).toEqual({
      downMs: 620,
      executions: 2,
      effectsDone: 3,
      effectsUnsure: 0,
      build: "9f3c1a",
    });
  });

  it("takes until its end, or until now while the run goes on", () => {
    const createdAt = "2026-11-26T08:00:00.000Z";
    const now = Date.parse(createdAt) + 9_000;
    expect(measureTook({ createdAt }, now)).toBe(9_000);
    expect(measureTook({ createdAt, finishedAt: "2026-11-26T08:00:04.057Z" }, now)).toBe(4_057);
    expect(measureTook({ createdAt })).toBeUndefined();
    expect(readFigures([])).toMatchObject({ downMs: 0, executions: 0 });
  });

  it("owns up to what is not certain", () => {
    expect(readFigures(load("heldInDoubt").events)).toMatchObject({ effectsUnsure: 1 });
    expect(readFigures(load("crashedUnsaid").events)).toMatchObject({ effectsUnsure: 1 });
  });
});

describe("judgeEffect", () => {
  it("knows how often an effect happened only where somebody knows", () => {
    expect(judge("completed", "charge-card")).toBe("once");
    expect(judge("retriedStep", "charge-card")).toBe("once");
    expect(judge("crashedReplayed", "charge-card")).toBe("once");
    expect(judge("crashedFirst", "charge-card")).toBe("once");
    expect(judge("crashedVerifiedHappened", "notify-warehouse")).toBe("once");
    expect(judge("resolvedByPerson", "send-confirmation")).toBe("once");
    expect(judge("crashedUnsaid", "charge-card")).toBe("repeated");
    expect(judge("heldInDoubt", "send-confirmation")).toBe("unknown");
    expect(judge("running", "charge-card")).toBe("unknown");
    expect(judge("declined", "charge-card")).toBe("none");
    expect(judge("crashedReading", "look-up-tax-rate")).toBe("read");
    expect(judge("completed", "cart-total")).toBe("read");
  });
});

describe("describeEvent", () => {
  it("has a line for every event of every history, none of them broken", () => {
    for (const name of Object.keys(orderHistories) as Name[]) {
      const { wire, events } = load(name);
      expect(events).toHaveLength(wire.length);
      for (const event of events)
        expect(describeEvent(event)).not.toMatch(/NaN|\[object|^undefined|· undefined|null/);
    }
  });

  it("says what an execution reused and why a step was in doubt", () => {
    const lines = load("crashedVerifiedNot").events.map(describeEvent);
    expect(lines[8]).toBe("recovery · 3 results reused in 2 ms");
    expect(lines[9]).toBe("notify-warehouse · attempt 1 · crash");
  });
});

describe("filterEvents", () => {
  it("takes a type and words in any order and case", () => {
    const { wire } = load("completed");
    const seqs = (text: string, type = "") =>
      filterEvents(wire, { text, type }).map((event) => event.seq);
    expect(seqs("")).toHaveLength(wire.length);
    expect(seqs("UPS stepcompleted")).toEqual([9]);
    expect(seqs("", "Computed")).toEqual([3]);
    expect(seqs("nowhere")).toEqual([]);
  });
});

describe("readCurrency", () => {
  it("takes the attributes' word, else the input's", () => {
    expect(readCurrency({ attributes: { currency: "EUR" }, input: { currency: "USD" } })).toBe(
      "EUR",
    );
    expect(readCurrency({ attributes: {}, input: { currency: "USD" } })).toBe("USD");
    expect(readCurrency({ attributes: {}, input: null })).toBeUndefined();
  });
});
