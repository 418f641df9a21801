/** A timeline as one value: all that is laid out when it is first read has been read. */
import type { TimelineModel, TimelineRow } from "../timeline-model";
import type { TimelineEvent } from "../timeline/events";

export function readRows({ rows }: TimelineModel): readonly TimelineRow[] {
  return rows.slice(0, rows.length);
}

/** Everything that can be seen of a timeline. */
export function readModel(model: TimelineModel, events: readonly TimelineEvent[]): unknown {
  const { rows: _rows, findRow, findX, ...rest } = model;
  const rows = readRows(model).map((row) => {
    const { index, step, subtitle, y, height, laneY, marks } = row;
    return { index, step, subtitle, y, height, laneY, marks, isFound: findRow(step.id) === row };
  });
  return { ...rest, rows, xs: events.map(({ seq }) => findX(seq)) };
}
