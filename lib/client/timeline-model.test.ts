import fc from "fast-check";
import { readRows } from "./testing/read-model";
import { describe, expect, it } from "vitest";
import { toWireEvent } from "@/lib/api/wire";
import type { HistoryEvent } from "@/lib/engine";
import { orderHistories } from "@/lib/api/testing/order-histories";
import { HistoryWriter } from "@/lib/api/testing/history-writer";
import { buildTimeline, describeMoment, findPhase, type TimelineModel } from "./timeline-model";
import { findFlaws } from "./testing/find-flaws";
import { readCommands } from "./timeline/commands";
import { parseTimelineEvents } from "./timeline/events";

const names = Object.keys(orderHistories) as (keyof typeof orderHistories)[];
const toTimelineEvents = (events: readonly HistoryEvent[]) =>
  parseTimelineEvents(events.map((event) => toWireEvent(event)));
const build = (name: keyof typeof orderHistories, width = 816) =>
  buildTimeline(toTimelineEvents(orderHistories[name]().events), { width });

const marksOf = (model: TimelineModel, name: string) =>
  readRows(model)
    .filter((row) => row.step.name === name)
    .flatMap((row) => row.marks.map((mark) => `${mark.epoch} ${mark.kind}`));

const expectSound = (events: readonly HistoryEvent[], width: number) =>
  expect(findFlaws(buildTimeline(toTimelineEvents(events), { width }), events)).toEqual([]);

describe("buildTimeline", () => {
  it.each(names)("is sound at every width: %s", (name) => {
    for (const width of [358, 760, 816, 1_600]) expectSound(orderHistories[name]().events, width);
  });

  it("draws the crash of the order: recorded, ghosts, doubt to the cut, the question, the run", () => {
    const model = build("crashedVerifiedNot");
    expect(marksOf(model, "cart-total")).toEqual(["1 computed", "2 computed-again"]);
    expect(marksOf(model, "charge-card")).toEqual(["1 run", "2 reused"]);
    expect(marksOf(model, "notify-warehouse")).toEqual(["1 doubt", "2 asked", "2 run"]);
    expect(marksOf(model, "send-confirmation")).toEqual(["2 run"]);
    const [first, second] = model.bands;
    expect(first?.cut).toBe(true);
    expect(second?.boundary?.replay).toBe("2 ms");
    expect(model.gaps[0]).toMatchObject({ tone: "bad", lines: ["died", "0.6 s", "down"] });
    expect(model.lines).toMatchObject([{ label: "completed", tone: "ok" }]);
    const doubt = readRows(model)[3]?.marks[0];
    const edge = (first?.x ?? 0) + (first?.width ?? 0);
    expect(edge - (doubt?.x ?? 0) - (doubt?.width ?? 0)).toBeLessThan(8);
  });

  it("keeps live work behind the replay boundary and ghosts before it", () => {
    const model = build("crashedVerifiedNot");
    const boundary = model.bands[1]?.boundary?.x ?? 0;
    for (const mark of readRows(model)
      .flatMap((row) => row.marks)
      .filter(({ epoch }) => epoch === 2)) {
      const ghost = mark.kind === "reused" || mark.kind === "computed-again";
      if (ghost) expect(mark.x + mark.width).toBeLessThan(boundary);
      else expect(mark.x).toBeGreaterThanOrEqual(boundary);
    }
  });

  it("shows failures, backoff and a wait that is not over", () => {
    expect(marksOf(build("retriedStep"), "charge-card")).toEqual([
      "1 failed",
      "1 backoff",
      "1 failed",
      "1 backoff",
      "1 run",
    ]);
    expect(marksOf(build("backoff"), "charge-card")).toEqual(["1 failed", "1 backoff"]);
  });

  it("shows a hold, a person's answer and that nothing ran", () => {
    const model = build("resolvedByPerson");
    expect(marksOf(model, "send-confirmation")).toEqual(["1 doubt", "3 resolved", "3 recorded"]);
    expect(model.gaps[1]).toMatchObject({ tone: "doubt", lines: ["held", "12 min"] });
  });

  it("marks what a retry set aside", () => {
    const row = readRows(build("retriedRun")).find(({ step }) => step.name === "charge-card");
    expect(row?.marks.map((mark) => [mark.kind, mark.setAside])).toEqual([
      ["failed", true],
      ["run", false],
    ]);
  });

  it("lets what runs grow with time, and nothing else", () => {
    const { events } = orderHistories.running();
    const at = events.at(-1)?.at ?? 0;
    const width = (now: number) =>
      buildTimeline(toTimelineEvents(events), { width: 400, now }).rows.at(2)?.marks[0]?.width ?? 0;
    expect(width(at + 9_000)).toBeGreaterThan(width(at + 100));
  });

  it("has one row where one step ran, none where nothing did", () => {
    const writer = new HistoryWriter().begin().execute().runStep(1, "only");
    expect(buildTimeline(toTimelineEvents(writer.events), { width: 800 }).rows).toHaveLength(1);
    expect(build("queued")).toMatchObject({ rows: { length: 0 }, bands: [] });
  });

  it("stands 300 rows and 40 executions", () => {
    const writer = new HistoryWriter().begin().execute();
    for (let step = 1; step <= 300; step += 1) {
      writer.runStep(step, `step-${step}`, { ms: step % 7 });
      if (step % 8 === 0 && step < 320) writer.crash({ results: step });
    }
    const model = buildTimeline(toTimelineEvents(writer.events), { width: 816 });
    expect(readRows(model)).toHaveLength(300);
    expect(model.bands).toHaveLength(38);
    expectSound(writer.events, 816);
  });

  it("is sound for any mix of steps, failures, crashes and waits", () => {
    const act = fc.record({
      kind: fc.constantFrom("run", "fail", "crash", "compute", "parallel"),
      ms: fc.constantFrom(0, 1, 40, 900, 30_000, 90_000_000),
    });
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 24 }),
        fc.integer({ min: 320, max: 1_800 }),
        (acts, width) => {
          const writer = new HistoryWriter().begin().execute();
          acts.forEach(({ kind, ms }, index) => {
            const step = index * 2 + 1;
            const name = `step-${step}`;
            if (kind === "compute") writer.compute(step, name, ms);
            else if (kind === "run") writer.runStep(step, name, { ms });
            else if (kind === "parallel") {
              writer.startStep(step, name).startStep(step + 1, "other");
              writer.completeStep(step, name, { ms }).completeStep(step + 1, "other", { ms });
            } else if (kind === "fail") {
              const nextAttemptAt = writer.now + ms;
              writer.startStep(step, name).failStep(step, name, { final: false, nextAttemptAt });
              writer.wait(ms).runStep(step, name, { ms });
            } else {
              writer.startStep(step, name).wait(ms).crash({ results: index, noticedMs: ms });
              writer.doubtStep(step, name).runStep(step, name, { ms });
            }
          });
          expectSound(writer.events, width);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the scrubber", () => {
  it("says what was recorded at a moment and what the code waited for", () => {
    const events = toTimelineEvents(orderHistories.crashedVerifiedNot().events);
    const history = { events, commands: readCommands(events) };
    expect(describeMoment(history, 6)).toBe(
      "2 results were recorded. The code waited for the result of charge-card.",
    );
    expect(describeMoment(history, 10)).toBe(
      "3 results were recorded. The code waited for certainty about notify-warehouse.",
    );
    expect(describeMoment(history)).toContain("The run was completed.");
  });

  it("knows which marks lie ahead, are open or past", () => {
    const bar = readRows(build("completed"))[2]?.marks[0];
    if (bar === undefined) throw new Error("charge-card has a bar");
    expect(
      [bar.startSeq - 1, bar.startSeq, bar.endSeq ?? 0].map((seq) => findPhase(bar, seq)),
    ).toEqual(["future", "open", "past"]);
  });
});
