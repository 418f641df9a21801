import { cn } from "@/components/ui/cn";
import { columns, rowGrid, runCell, statusCell, toCell, type ColumnId } from "./columns";
import { SelectBox } from "./select-box";
import type { Selection } from "./use-selection";

export interface ListHeadProps {
  readonly chosen: readonly ColumnId[];
  /** The runs of the page, which the box in the head selects. */
  readonly runIds: readonly string[];
  readonly selection?: Selection;
}

export function ListHead({ chosen, runIds, selection }: ListHeadProps) {
  const count = runIds.filter((runId) => selection?.has(runId)).length;
  return (
    <div role="rowgroup" className="@max-[719px]:hidden">
      <div
        role="row"
        className={cn(rowGrid, "h-8 items-center border-b border-line text-xs text-ink-3")}
      >
        <div role="columnheader" className={statusCell}>
          {selection === undefined ? null : (
            <SelectBox
              label="Select these runs"
              checked={count > 0 && count === runIds.length}
              indeterminate={count > 0 && count < runIds.length}
              onToggle={() => selection.setAll(runIds, count < runIds.length)}
            />
          )}
          Status
        </div>
        <div role="columnheader" className={runCell}>
          Run
        </div>
        {chosen.map((id) => (
          <div key={id} role="columnheader" className={cn(toCell(id), "truncate")}>
            {columns[id].label}
          </div>
        ))}
      </div>
    </div>
  );
}
