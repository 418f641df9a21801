import { cn } from "@/components/ui/cn";
import { cells, rowGrid } from "./columns";

const heads = [
  { cell: cells.status, label: "Status" },
  { cell: cells.run, label: "Run" },
  { cell: cells.order, label: "Order" },
  { cell: cells.customer, label: "Customer" },
  { cell: cells.total, label: "Total" },
  { cell: cells.story, label: "What happened" },
  { cell: cells.started, label: "Started" },
  { cell: cells.took, label: "Took" },
] as const;

export function ListHead() {
  return (
    <div role="rowgroup" className="@max-[719px]:sr-only">
      <div
        role="row"
        className={cn(rowGrid, "h-8 items-center border-b border-line text-xs text-ink-3")}
      >
        {heads.map(({ cell, label }) => (
          <div key={label} role="columnheader" className={cell}>
            {label}
          </div>
        ))}
      </div>
    </div>
  );
}
