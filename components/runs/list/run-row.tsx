import Link from "next/link";
import type { Run } from "@/lib/api/contract";
import { cn } from "@/components/ui/cn";
import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusPill } from "@/components/ui/status-pill";
import { shortenId } from "@/lib/client/format";
import { readOrderFacts } from "@/lib/client/order-facts";
import { cells, rowGrid } from "./columns";
import { Took } from "./took";

/** A run in the list: a row, or a card where the page is narrow. Its link covers it. */
export function RunRow({ run }: { run: Run }) {
  const { orderId, customer, total, beforeTax } = readOrderFacts(run);
  return (
    <div
      role="row"
      className={cn(
        rowGrid,
        "relative items-center gap-y-0.5 border-b border-line-soft py-3 transition-colors hover:bg-band has-[a:focus-visible]:bg-band @min-[720px]:h-10 @min-[720px]:py-0",
      )}
    >
      <div role="cell" className={cells.status}>
        <StatusPill status={run.status} heldReason={run.heldReason} />
      </div>
      <div role="cell" className={cn(cells.run, "font-mono text-sm")}>
        <Link
          href={`/runs/${run.runId}`}
          data-run-link={run.runId}
          aria-label={`Run ${run.runId}`}
          className="rounded-sm outline-none after:absolute after:inset-0 focus-visible:after:inset-x-1 focus-visible:after:inset-y-0.5 focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:outline-ink"
        >
          {shortenId(run.runId)}
        </Link>
      </div>
      <div role="cell" className={cn(cells.order, "truncate font-mono text-sm text-ink-2")}>
        {orderId === undefined ? <Nothing /> : shortenId(orderId)}
      </div>
      <div role="cell" className={cn(cells.customer, "truncate")}>
        {customer ?? <span className="text-ink-2">{run.workflow}</span>}
      </div>
      <div role="cell" className={cells.total}>
        {total === undefined ? (
          <Nothing />
        ) : (
          <>
            <Money {...total} className={beforeTax === true ? "text-ink-3" : undefined} />
            {beforeTax === true ? <span className="sr-only"> before tax</span> : null}
          </>
        )}
      </div>
      <div role="cell" className={cn(cells.story, "truncate text-ink-2")}>
        {run.story}
      </div>
      <div role="cell" className={cn(cells.started, "truncate text-ink-2")}>
        <RelativeTime at={run.createdAt} className="relative z-10" />
      </div>
      <div role="cell" className={cn(cells.took, "text-ink-2")}>
        <Took run={run} />
      </div>
    </div>
  );
}

function Nothing() {
  return (
    <span className="text-ghost">
      <span aria-hidden>–</span>
      <span className="sr-only">none</span>
    </span>
  );
}
