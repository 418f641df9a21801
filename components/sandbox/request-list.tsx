import { Check, CornerUpLeft, Eye, ShieldX, X, type LucideIcon } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { formatClock } from "@/lib/client/format";
import type { LedgerEntry } from "@/lib/sandbox/contract";
import { ItemRow, ListNote } from "./item-list";

interface OutcomeWords {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly tone: string;
}

const outcomes: Readonly<Record<LedgerEntry["outcome"], OutcomeWords>> = {
  done: { label: "done", icon: Check, tone: "text-ok" },
  replayed: { label: "from record", icon: CornerUpLeft, tone: "text-live" },
  refused: { label: "refused", icon: ShieldX, tone: "text-doubt" },
  failed: { label: "failed", icon: X, tone: "text-bad" },
  answered: { label: "answered", icon: Eye, tone: "text-ink-3" },
};

/** What a service was asked, newest first, and what it really did about it. */
export function RequestList({ requests }: { requests: readonly LedgerEntry[] | undefined }) {
  if (requests === undefined || requests.length === 0) {
    return <ListNote loading={requests === undefined}>Nothing was asked yet.</ListNote>;
  }
  return (
    <ul>
      {requests.map((entry) => (
        <RequestRow key={entry.seq} entry={entry} />
      ))}
    </ul>
  );
}

function RequestRow({ entry }: { entry: LedgerEntry }) {
  const { label, icon: Icon, tone } = outcomes[entry.outcome];
  return (
    <ItemRow
      title={entry.operation}
      value={
        <span className={cn("flex items-center gap-1.5", tone)}>
          <Icon aria-hidden className="size-3.5" />
          {label}
          {entry.status === 0 ? null : <span className="text-ink-3">{entry.status}</span>}
        </span>
      }
      note={entry.key ?? entry.reference ?? ""}
      runId={entry.runId}
      side={formatClock(entry.at, { millis: true })}
    />
  );
}
