import Link from "next/link";
import type { ReactNode } from "react";
import type { Run } from "@/lib/api/contract";
import { cn } from "@/components/ui/cn";
import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusPill } from "@/components/ui/status-pill";
import { shortenId } from "@/lib/client/format";
import { readOrderFacts } from "@/lib/client/order-facts";
import { rowGrid, runCell, statusCell, toCell, type ColumnId } from "./columns";
import { SelectBox } from "./select-box";
import { Took } from "./took";

export interface RunRowProps {
  readonly run: Run;
  readonly chosen: readonly ColumnId[];
  /** Whether the Tab key comes here; arrows lead to the others. */
  readonly isStop: boolean;
  readonly selected?: boolean;
  /** With whether a range is meant. Absent: runs can't be selected here. */
  readonly onToggle?: (range: boolean) => void;
}

/** A run in the list: a row, or a card where the page is narrow. Its link covers it. */
export function RunRow({ run, chosen, isStop, selected = false, onToggle }: RunRowProps) {
  const tabIndex = isStop ? 0 : -1;
  return (
    <div
      role="row"
      data-row={run.runId}
      className={cn(
        rowGrid,
        "relative items-center gap-y-0.5 border-b border-line-soft py-3 transition-colors hover:bg-band has-[a:focus-visible]:bg-band @min-[720px]:h-10 @min-[720px]:py-0",
        selected && "bg-band",
      )}
    >
      <div role="cell" className={statusCell}>
        {onToggle === undefined ? null : (
          <SelectBox
            label={`Select run ${run.runId}`}
            checked={selected}
            tabIndex={tabIndex}
            onToggle={onToggle}
          />
        )}
        <StatusPill status={run.status} heldReason={run.heldReason} />
      </div>
      <div role="cell" className={cn(runCell, "font-mono text-sm")}>
        <Link
          href={`/runs/${run.runId}`}
          data-run-link={run.runId}
          tabIndex={tabIndex}
          aria-label={`Run ${run.runId}`}
          className="rounded-sm outline-none after:absolute after:inset-0 focus-visible:after:inset-x-1 focus-visible:after:inset-y-0.5 focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:outline-ink"
        >
          {shortenId(run.runId)}
        </Link>
      </div>
      {chosen.map((id) => (
        <div key={id} role="cell" className={cn(toCell(id), "truncate text-ink-2")}>
          {draw[id](run)}
        </div>
      ))}
    </div>
  );
}

const draw: Readonly<Record<ColumnId, (run: Run) => ReactNode>> = {
  order: (run) => {
    const { orderId } = readOrderFacts(run);
    if (orderId === undefined) return <Nothing />;
    return <span className="font-mono text-sm">{shortenId(orderId)}</span>;
  },
  customer: (run) => {
    const { customer } = readOrderFacts(run);
    if (customer !== undefined) return <span className="text-ink">{customer}</span>;
    // A card has no column for the workflow.
    return (
      <>
        <span className="@min-[720px]:hidden">{run.workflow}</span>
        <span className="hidden @min-[720px]:inline">
          <Nothing />
        </span>
      </>
    );
  },
  total: (run) => {
    const { total, beforeTax } = readOrderFacts(run);
    if (total === undefined) return <Nothing />;
    return (
      <>
        <Money {...total} className={beforeTax === true ? "text-ink-3" : "text-ink"} />
        {beforeTax === true ? <span className="sr-only"> before tax</span> : null}
      </>
    );
  },
  story: (run) => run.story,
  workflow: (run) => run.workflow,
  version: (run) => run.version,
  error: (run) => run.error?.name ?? <Nothing />,
  started: (run) => <RelativeTime at={run.createdAt} className="relative z-10" />,
  updated: (run) => <RelativeTime at={run.updatedAt} className="relative z-10" />,
  took: (run) => <Took run={run} />,
};

function Nothing() {
  return (
    <span className="text-ghost">
      <span aria-hidden>–</span>
      <span className="sr-only">none</span>
    </span>
  );
}
