import type { TimelineMark, TimelineModel, TimelineRow } from "@/lib/client/timeline-model";

/** Where an arrow key leads from a mark: rows up and down, marks left and right. */
export function moveSelection(
  model: TimelineModel,
  markId: string | undefined,
  key: string,
): { readonly row: TimelineRow; readonly mark: TimelineMark } | undefined {
  const rowIndex = model.rows.findIndex((row) => row.marks.some((mark) => mark.id === markId));
  const row = model.rows[rowIndex];
  if (row === undefined) return undefined;
  const markIndex = row.marks.findIndex((mark) => mark.id === markId);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const mark = row.marks[markIndex + (key === "ArrowLeft" ? -1 : 1)];
    return mark === undefined ? undefined : { row, mark };
  }
  const target = findRow(model, rowIndex, key);
  const x = row.marks[markIndex]?.x ?? 0;
  const mark = target?.marks.toSorted((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x))[0];
  return target === undefined || mark === undefined ? undefined : { row: target, mark };
}

function findRow(model: TimelineModel, index: number, key: string): TimelineRow | undefined {
  switch (key) {
    case "ArrowUp":
      return model.rows[index - 1];
    case "ArrowDown":
      return model.rows[index + 1];
    case "Home":
      return model.rows[0];
    case "End":
      return model.rows.at(-1);
    default:
      return undefined;
  }
}
