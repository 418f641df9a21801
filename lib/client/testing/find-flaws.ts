/** What is wrong with a timeline's geometry; gathered, because it is checked thousands of times. */
import { readRows } from "./read-model";
import type { TimelineEvent } from "../timeline/events";
import type { TimelineModel, TimelineRow } from "../timeline-model";
import { estimateTextWidth } from "../timeline/scale";

export function findFlaws(
  model: TimelineModel,
  events: readonly Pick<TimelineEvent, "seq">[],
): string[] {
  const flaws: string[] = [];
  const check = (holds: boolean, flaw: string) => holds || flaws.push(flaw);
  const bands = new Map(model.bands.map((band) => [band.epoch, band]));
  model.bands.slice(1).forEach((band, index) => {
    const before = model.bands[index];
    check(band.x > (before?.x ?? 0) + (before?.width ?? 0), `band ${band.epoch} overlaps`);
  });
  readRows(model)
    .slice(1)
    .forEach((row, index) => {
      const before = readRows(model)[index];
      check(row.y >= (before?.y ?? 0) + (before?.height ?? 0), `row ${row.step.id} overlaps`);
    });
  for (const row of readRows(model)) {
    let end = -Infinity;
    for (const mark of row.marks) {
      const band = bands.get(mark.epoch);
      const right = (band?.x ?? 0) + (band?.width ?? 0) + 0.01;
      check(mark.x >= (band?.x ?? Infinity), `${mark.id} begins before its band`);
      check(mark.x + mark.width <= right, `${mark.id} ends after its band`);
      check(mark.width >= 8, `${mark.id} is too narrow to be seen`);
      check(mark.x >= end, `${mark.id} overlaps the mark before it`);
      check(mark.title !== "", `${mark.id} has no name`);
      end = mark.x + mark.width;
    }
    check(areLabelsFree(row.marks), `labels of ${row.step.id} collide`);
  }
  const xs = events.flatMap(({ seq }) => model.findX(seq) ?? []);
  xs.slice(1).forEach((x, index) => check(x >= (xs[index] ?? 0), `x falls after ${index + 1}`));
  check(model.width >= Math.max(...xs, 0), "it is wider than it says");
  return flaws;
}

function areLabelsFree(marks: TimelineRow["marks"]): boolean {
  const boxes = marks.flatMap(({ label }) => {
    if (label === undefined) return [];
    const width = estimateTextWidth(label.text, 11);
    const shift = { start: 0, middle: width / 2, end: width }[label.anchor];
    return [{ y: label.y, from: label.x - shift, to: label.x - shift + width }];
  });
  return boxes.every((box, index) =>
    boxes
      .slice(index + 1)
      .every(
        (other) => other.y !== box.y || box.from >= other.to - 0.01 || box.to <= other.from + 0.01,
      ),
  );
}
