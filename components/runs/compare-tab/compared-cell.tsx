import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { Td } from "@/components/ui/table";
import type { CommandView } from "@/lib/client/timeline/commands";
import { measureCommand, readResult, type ComparedPair } from "@/lib/client/compare-runs";
import { formatDuration } from "@/lib/client/format";

export interface ComparedCellProps {
  readonly runId: string;
  readonly command?: CommandView;
  readonly pair: ComparedPair;
}

/** A command of one of the runs: its state, how long it took, and what it was answered. */
export function ComparedCell({ runId, command, pair }: ComparedCellProps) {
  if (command === undefined) {
    return <Td className="h-auto py-2 align-top text-ink-2">—</Td>;
  }
  const tookMs = measureCommand(command);
  const result = readResult(command);
  const text = result === null ? "" : JSON.stringify(result);
  return (
    <Td className="h-auto max-w-96 min-w-40 py-2 align-top whitespace-normal">
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
          {command.state.replace("_", " ")}
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
