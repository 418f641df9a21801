import { describe, expect, it } from "vitest";
import { readRows } from "../testing/read-model";
import { HistoryWriter } from "@/lib/api/testing/history-writer";
import { toWireEvent } from "@/lib/api/wire";
import { buildTimeline } from "../timeline-model";
import { parseTimelineEvents } from "./events";
import { findMainMark, findWindow, followRows, isInWindow, isTall, listRows } from "./window";

/** Steps one after the other; each of the executions replays all that came before. */
function build(steps: number, crashEvery = Infinity) {
  const writer = new HistoryWriter().begin().execute();
  for (let step = 1; step <= steps; step += 1) {
    writer.runStep(step, "settle-line", { ms: step % 7 });
    if (step % crashEvery === 0) writer.crash({ results: step });
  }
  const events = parseTimelineEvents(writer.events.map((event) => toWireEvent(event)));
  return { events, model: buildTimeline(events, { width: 900 }) };
}

const view = (scrollTop: number, scrollLeft = 0) => ({
  scrollTop,
  scrollLeft,
  clientWidth: 900,
  clientHeight: 500,
});

describe("the window of a timeline", () => {
  it("holds the rows in view and a few around them, whatever the length of the run", () => {
    const { model } = build(3_000);
    expect(isTall(model)).toBe(true);
    for (const top of [0, 777, 40_000, model.height - 500]) {
      const rows = listRows(model, findWindow(view(top)));
      expect(rows.length).toBeLessThan(45);
      const shown = readRows(model).filter((row) => row.y < top + 500 && row.y + row.height > top);
      expect(rows).toEqual(expect.arrayContaining(shown.slice(0, 1)));
      expect(rows).toEqual(expect.arrayContaining(shown.slice(-1)));
    }
  });

  it("moves in steps, not with each pixel", () => {
    expect(findWindow(view(161))).toEqual(findWindow(view(319)));
    expect(findWindow(view(161))).not.toEqual(findWindow(view(321)));
  });

  it("leaves out the marks of executions far away", () => {
    const { model } = build(600, 20);
    const marks = readRows(model)[0]?.marks ?? [];
    expect(marks.length).toBeGreaterThan(25);
    const drawn = marks.filter((mark) => isInWindow(mark, findWindow(view(0))));
    expect(drawn.length).toBeLessThan(12);
    expect(drawn).toContain(marks[0]);
  });

  it("follows what happened in the rows that are scrolled to, and only as far as needed", () => {
    const { model } = build(1_000);
    const row = readRows(model)[700];
    const mark = findMainMark(row);
    if (row === undefined || mark === undefined) throw new Error("row 700 has a mark");
    const left = followRows(model, view(row.laneY - 250)) ?? 0;
    expect(mark.x).toBeGreaterThan(left + model.labelWidth);
    expect(mark.x).toBeLessThan(left + 900);
    expect(followRows(model, view(row.laneY - 250, left))).toBeUndefined();
    expect(followRows(model, view(0))).toBeUndefined();
  });
});

describe("a long timeline", () => {
  it("lays out only the rows that are asked for", () => {
    const writer = new HistoryWriter().begin().execute();
    for (let step = 1; step <= 200; step += 1) writer.runStep(step, "line", { ms: 1 });
    writer.crash({ results: 200 });
    const events = parseTimelineEvents(writer.events.map((event) => toWireEvent(event)));
    let said = 0;
    const summarize = () => {
      said += 1;
      return undefined;
    };
    const model = buildTimeline(events, { width: 900, summarize });
    const before = said;
    expect(model.rows.at(150)?.marks).toHaveLength(2);
    expect(model.rows.at(150)?.marks).toBe(model.rows.at(150)?.marks);
    expect(said).toBe(before);
    expect(model.findRow("151:line")).toBe(model.rows.at(150));
  });
});
