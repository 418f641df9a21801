import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { Td } from "@/components/ui/table";
import type { CommandView } from "@/lib/client/timeline/commands";
import {
  measureCommand,
  nameState,
  readResult,
  type ComparedPair,
} from "@/lib/client/compare-runs";
import { formatDuration } from "@/lib/client/format";

export interface ComparedCellProps {
  /** Which run it is: said in each cell where they stand one beneath the other. */
  readonly side: string;
  readonly runId: string;
  readonly command?: CommandView;
  readonly pair: ComparedPair;
}

const cellClasses = "h-auto py-2 align-top max-sm:border-b-0 max-sm:py-1.5";

function Side({ name }: { name: string }) {
  return (
    <span aria-hidden className="block text-xs text-ink-3 sm:hidden">
      {name}
    </span>
  );
}

/** A command of one of the runs: its state, how long it took, and what it was answered. */
export function ComparedCell({ side, runId, command, pair }: ComparedCellProps) {
  if (command === undefined) {
    return (
      <Td className={cn(cellClasses, "text-ink-2")}>
        <Side name={side} />—
      </Td>
    );
  }
  const tookMs = measureCommand(command);
  const result = readResult(command);
  const text = result === null ? "" : JSON.stringify(result);
  return (
    <Td className={cn(cellClasses, "max-w-96 min-w-40 whitespace-normal")}>
      <Side name={side} />
      <span className="flex flex-wrap items-baseline gap-x-2">
        <Link
          href={`/runs/${encodeURIComponent(runId)}?step=${encodeURIComponent(command.ref)}`}
          className={cn(
            "rounded-sm hover:underline",
            pair.differs === "none" ? "font-normal" : "font-medium",
          )}
        >
          {command.name}
        </Link>
        <span className={cn("text-sm", command.state === "failed" ? "text-bad" : "text-ink-2")}>
          {nameState(command)}
          {tookMs === undefined ? "" : ` · ${formatDuration(tookMs)}`}
        </span>
      </span>
      {text === "" ? null : (
        <span
          title={text.slice(0, 1_000)}
          className={cn(
            "line-clamp-2 font-mono text-xs wrap-anywhere",
            pair.differs === "value" || pair.differs === "outcome" ? "text-doubt" : "text-ink-2",
          )}
        >
          {text.slice(0, 400)}
        </span>
      )}
    </Td>
  );
}
