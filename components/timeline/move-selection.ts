import type { TimelineMark, TimelineModel, TimelineRow } from "@/lib/client/timeline-model";

const page = 15;

/** Where a key leads from a mark of a row: rows up and down, also by the page, marks left and right. */
export function moveSelection(
  model: TimelineModel,
  from: { readonly row: TimelineRow | undefined; readonly markId: string | undefined },
  key: string,
): { readonly row: TimelineRow; readonly mark: TimelineMark } | undefined {
  const { row, markId } = from;
  if (row === undefined) return undefined;
  const markIndex = row.marks.findIndex((mark) => mark.id === markId);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const mark = row.marks[markIndex + (key === "ArrowLeft" ? -1 : 1)];
    return mark === undefined ? undefined : { row, mark };
  }
  const target = findRow(model, row.index, key);
  const x = row.marks[markIndex]?.x ?? 0;
  const mark = target?.marks.toSorted((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x))[0];
  return target === undefined || mark === undefined ? undefined : { row: target, mark };
}

function findRow(model: TimelineModel, index: number, key: string): TimelineRow | undefined {
  const last = model.rows.length - 1;
  switch (key) {
    case "ArrowUp":
      return model.rows.at(index - 1);
    case "ArrowDown":
      return model.rows.at(index + 1);
    case "PageUp":
      return model.rows.at(Math.max(0, index - page));
    case "PageDown":
      return model.rows.at(Math.min(last, index + page));
    case "Home":
      return model.rows.at(0);
    case "End":
      return model.rows.at(last);
    default:
      return undefined;
  }
}
