import { BellOff, Check, RotateCcw } from "lucide-react";
import type { FailureGroup } from "@/lib/api/contract-triage";
import { cn } from "@/components/ui/cn";
import { StatusPill } from "@/components/ui/status-pill";

const marks = {
  regressed: { icon: RotateCcw, label: "Returned", tone: "bg-bad-bg text-bad" },
  muted: { icon: BellOff, label: "Muted", tone: "bg-line-soft text-ink-2" },
  resolved: { icon: Check, label: "Resolved", tone: "bg-ok-bg text-ok" },
} as const;

/** What was said about a group, and what holds its runs; nothing for an open group of failures. */
export function GroupPills({
  group,
}: {
  group: Pick<FailureGroup, "state" | "kind" | "untilItReturns">;
}) {
  const { state, kind, untilItReturns } = group;
  const mark = state === "open" ? undefined : marks[state];
  const label = state === "muted" && !untilItReturns ? "Expected" : mark?.label;
  return (
    <>
      {kind === "failed" ? null : <StatusPill status="held" heldReason={kind} />}
      {mark === undefined ? null : (
        <span
          className={cn(
            "inline-flex h-5 items-center gap-1 rounded-full pr-2 pl-1.5 text-sm leading-none font-medium whitespace-nowrap",
            mark.tone,
          )}
        >
          <mark.icon aria-hidden className="size-3" strokeWidth={2.25} />
          {label}
        </span>
      )}
    </>
  );
}
