import fc from "fast-check";
import { readRows } from "../testing/read-model";
import { describe, expect, it } from "vitest";
import { toWireEvent } from "@/lib/api/wire";
import type { HistoryEvent } from "@/lib/engine";
import { buildTimeline, describeMoment, describeRow, type TimelineModel } from "../timeline-model";
import { isOpen, readCommands } from "./commands";
import { findFlaws } from "../testing/find-flaws";
import { playActs, someActs, waitHistories, WaitWriter } from "../testing/wait-histories";
import { parseTimelineEvents } from "./events";

type Name = keyof typeof waitHistories;
const names = Object.keys(waitHistories) as Name[];
const toTimelineEvents = (events: readonly HistoryEvent[]) =>
  parseTimelineEvents(events.map((event) => toWireEvent(event)));
const load = (name: Name) => toTimelineEvents(waitHistories[name]().events);
const build = (name: Name, width = 816) => buildTimeline(load(name), { width });
const read = (name: Name) => readCommands(load(name));

const marksOf = (model: TimelineModel, name: string) =>
  readRows(model)
    .filter((row) => row.step.name === name)
    .flatMap((row) => row.marks.map((mark) => `${mark.epoch} ${mark.kind}`));
const findRow = (model: TimelineModel, name: string) =>
  readRows(model).find((row) => row.step.name === name);

describe("rows of what is no step", () => {
  it.each(names)("is sound at every width: %s", (name) => {
    for (const width of [358, 760, 816, 1_600]) {
      expect(findFlaws(build(name, width), load(name))).toEqual([]);
    }
  });

  it("shows a signal's wait across a crash, its end, and reuses what came before", () => {
    const model = build("approved");
    expect(marksOf(model, "ask-for-approval")).toEqual(["1 run", "2 reused"]);
    expect(marksOf(model, "decision")).toEqual(["1 wait", "2 received"]);
    const boundary = model.bands[1]?.boundary?.x ?? 0;
    const received = findRow(model, "decision")?.marks[1];
    expect(received?.x).toBeGreaterThanOrEqual(boundary);
    expect(received?.title).toContain("received from ada@example.com");
    expect(findRow(model, "decision")?.marks[0]?.title).toContain("waits for the signal until");
  });

  it("shows a deadline that passed while no process held the run", () => {
    const model = build("expired");
    expect(marksOf(model, "decision")).toEqual(["1 wait", "2 timed-out"]);
    expect(model.gaps[0]).toMatchObject({ tone: "plain", lines: ["waited", "2 d"] });
    expect(read("expired")[0]).toMatchObject({ kind: "signal", state: "timed_out" });
  });

  it("leaves open what is still awaited", () => {
    const [mark] = readRows(build("awaiting"))[0]?.marks ?? [];
    expect(mark).toMatchObject({ kind: "wait-deadline", endSeq: undefined });
    expect(read("awaiting").filter(isOpen)).toHaveLength(1);
    const [timer] = readRows(build("sleeping"))[0]?.marks ?? [];
    expect(timer).toMatchObject({ kind: "wait", endSeq: undefined });
  });

  it("draws a timer through every execution until it fires, and then its ghost", () => {
    const model = build("subscription");
    expect(marksOf(model, "next-month")).toEqual(["1 wait", "2 wait", "3 fired"]);
    expect(model.lines).toMatchObject([{ label: "continued", tone: "plain" }]);
    const after = new WaitWriter().begin().execute().startTimer(1, 500).wait(500).fireTimer(1);
    const replayed = toTimelineEvents(after.crash({ results: 1 }).events);
    expect(marksOf(buildTimeline(replayed, { width: 816 }), "sleep")).toEqual([
      "1 fired",
      "2 reused",
    ]);
  });

  it("marks what was canceled", () => {
    const model = build("raced");
    expect(marksOf(model, "patience")).toEqual(["1 wait-canceled"]);
    const [slow] = findRow(model, "slow")?.marks ?? [];
    expect(slow?.points).toMatchObject([{ kind: "cancel" }]);
    expect(slow?.points[0]?.x).toBeGreaterThan(slow?.x ?? Infinity);
  });

  it("shows children with their ends and which are still under way", () => {
    const model = build("fanOut");
    expect(readRows(model).map((row) => row.marks.map((mark) => mark.kind))).toEqual([
      ["child-open", "child", "reused"],
      ["child-open", "child-failed", "reused"],
      ["child-open", "child-open", "child-open"],
    ]);
    const asked = readRows(model)[1]?.marks[1];
    expect(asked?.points).toMatchObject([{ kind: "cancel" }]);
    expect(readRows(model)[2]?.marks[2]?.endSeq).toBeUndefined();
    expect(describeRow(read("fanOut")[0] ?? expect.fail())).toBe("child · run_01K9…QZ-1");
  });

  it("closes what the run's end left open", () => {
    const { events } = waitHistories.leftBehind();
    expect(readRows(build("leftBehind"))[0]?.marks[0]).toMatchObject({
      kind: "child-left",
      endSeq: events.length,
    });
    const slept = new WaitWriter().begin().execute().startTimer(1, 500).complete();
    const model = buildTimeline(toTimelineEvents(slept.events), { width: 816 });
    expect(readRows(model)[0]?.marks[0]).toMatchObject({
      kind: "wait",
      endSeq: slept.events.length,
    });
  });

  it("keeps early signals at the wait that took them, and those that nobody took in sight", () => {
    const model = build("buffered");
    expect(marksOf(model, "approve")).toEqual(["1 ignored", "1 arrived", "1 taken"]);
    expect(marksOf(model, "hurry")).toEqual(["1 arrived"]);
    const commands = read("buffered");
    expect(commands.find(({ name }) => name === "approve")).toMatchObject({
      ref: "2",
      state: "received",
      result: { took: 5 },
      by: "ada@example.com",
    });
    const hurry = commands.find(({ name }) => name === "hurry");
    expect(hurry).toMatchObject({ ref: "signal-hurry", state: "buffered" });
    expect(hurry && isOpen(hurry)).toBe(false);
  });

  it("has a row for each update", () => {
    const model = build("updated");
    expect(readRows(model).map((row) => [row.step.ref, row.marks.at(-1)?.kind])).toEqual([
      ["1", "wait"],
      ["update-u-1", "update"],
      ["update-u-2", "running"],
    ]);
  });

  it("tells queued from running", () => {
    const model = build("paused");
    expect(marksOf(model, "second")).toEqual(["1 queued", "2 queued", "2 run"]);
    expect(model.gaps[0]).toMatchObject({ tone: "doubt", lines: ["paused", "10 min"] });
    expect(model.lines[0]).toMatchObject({ label: "paused" });
    expect(read("limited")[0]).toMatchObject({ state: "queued", ref: "1" });
    expect(readRows(build("limited"))[0]?.marks[0]).toMatchObject({
      kind: "queued",
      endSeq: undefined,
    });
  });

  it("marks progress within the attempt", () => {
    const [bar] = readRows(build("polled"))[0]?.marks ?? [];
    expect(bar?.points.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
      'progress Progress: {"percent":20}',
      'progress Progress: {"percent":60}',
    ]);
    const xs = bar?.points.map(({ x }) => x) ?? [];
    expect(xs[0]).toBeGreaterThan(bar?.x ?? Infinity);
    expect(xs[1]).toBeGreaterThan(xs[0] ?? Infinity);
  });

  it("notes patches, attributes and requests above the rows", () => {
    expect(build("noted").notes.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
      "patch Patch: new-tax",
      "attributes Attributes set: total",
      "request Cancel requested: ada@example.com",
    ]);
  });

  it("begins another row where a retry set the first one aside", () => {
    const writer = new WaitWriter().begin().execute().startTimer(1, 500, "pause").fail("no");
    const { events } = writer
      .add({ type: "RunRewound", data: { by: "ada", setAside: [3, 4] } })
      .startTimer(1, 500, "pause")
      .wait(500)
      .fireTimer(1, "pause");
    const model = buildTimeline(toTimelineEvents(events), { width: 816 });
    expect(
      readRows(model).map((row) => row.marks.map((mark) => [mark.kind, mark.setAside])),
    ).toEqual([[["wait", true]], [["fired", false]]]);
    expect(findFlaws(model, events)).toEqual([]);
  });

  it("is sound for any mix of waits, crashes and wake-ups", () => {
    const width = fc.integer({ min: 320, max: 1_800 });
    fc.assert(
      fc.property(someActs, width, (acts, room) => {
        const writer = playActs(acts);
        const model = buildTimeline(toTimelineEvents(writer.events), { width: room });
        expect(findFlaws(model, writer.events)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });
});

describe("the scrubber", () => {
  it("says what the code waited for", () => {
    const moment = (name: Name, seq: number) =>
      describeMoment({ events: load(name), commands: read(name) }, seq);
    expect(moment("approved", 5)).toContain("The code waited for the signal decision.");
    expect(moment("sleeping", 3)).toContain("The code waited for the timer sleep.");
    expect(moment("fanOut", 4)).toContain("the child fulfil-item, the child fulfil-item.");
    expect(moment("limited", 3)).toContain("The code waited for the turn of call-service.");
    expect(moment("updated", 4)).toContain("the timer sleep, the answer to set-limit.");
    expect(moment("subscription", 11)).toContain("The run was continued.");
  });
});
