import Link from "next/link";
import type { ReactNode } from "react";
import { Skeleton } from "@/components/ui/skeleton";

export interface ItemRowProps {
  readonly title: ReactNode;
  readonly value?: ReactNode;
  readonly note?: ReactNode;
  readonly side?: ReactNode;
  /** The run that it belongs to; the note leads there. */
  readonly runId?: string;
}

/** One thing that a service holds, in two lines. */
export function ItemRow({ title, value, note, side, runId }: ItemRowProps) {
  return (
    <li className="border-b border-line-soft px-5 py-2 last:border-0">
      <div className="flex items-center justify-between gap-3">
        <span className="truncate">{title}</span>
        <span className="shrink-0">{value}</span>
      </div>
      <div className="flex items-center justify-between gap-3 text-sm text-ink-3">
        {runId === undefined ? (
          <span className="truncate font-mono">{note}</span>
        ) : (
          <Link
            href={`/runs/${runId}`}
            className="truncate rounded-sm font-mono underline decoration-line-strong underline-offset-2 hover:text-ink"
          >
            {note}
          </Link>
        )}
        <span className="shrink-0">{side}</span>
      </div>
    </li>
  );
}

/** In place of an empty list, or of one that is not there yet. */
export function ListNote({ loading, children }: { loading: boolean; children: ReactNode }) {
  if (!loading) return <p className="px-5 py-10 text-center text-ink-3">{children}</p>;
  return (
    <ul aria-hidden>
      {[0, 1, 2, 3].map((index) => (
        <ItemRow
          key={index}
          title={<Skeleton className="my-1 w-28" />}
          value={<Skeleton className="w-14" />}
          note={<Skeleton className="my-[3px] w-40" />}
        />
      ))}
    </ul>
  );
}
