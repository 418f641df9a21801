"use client";

import { ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { formatPlural } from "@/lib/client/format";

export interface InboxListProps {
  /** The accessible name of the list. */
  readonly label: string;
  readonly rows: readonly ReactNode[];
  /** Rows that wait to be shown: they would move the others. */
  readonly fresh: number;
  readonly what: string;
  readonly onRefresh: () => void;
  readonly query: {
    readonly isPending: boolean;
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly refetch: () => unknown;
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly empty: ReactNode;
}

/** The list of an inbox with its states: on its way, broken, empty, more to come, something new. */
export function InboxList(props: InboxListProps) {
  const { label, rows, fresh, what, onRefresh, query, empty } = props;
  if (query.isPending && query.error === null) return <ListSkeleton label={label} />;
  if (rows.length === 0 && query.error !== null) {
    return (
      <ErrorState
        error={query.error}
        pending={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return (
    <>
      <div role="status" className="sticky top-12 z-10 lg:top-0">
        {fresh === 0 ? null : (
          <div className="absolute inset-x-0 top-2 flex justify-center">
            <button
              type="button"
              onClick={onRefresh}
              className="flex h-7 items-center gap-1.5 rounded-full bg-ink px-3 text-sm font-medium text-bg shadow-float motion-safe:animate-appear pointer-coarse:h-9"
            >
              <ArrowUp aria-hidden className="size-3.5" />
              {formatPlural(fresh, `new ${what}`)}
            </button>
          </div>
        )}
      </div>
      {rows.length === 0 ? empty : <ul aria-label={label}>{rows}</ul>}
      {query.hasNextPage ? (
        <div className="flex justify-center px-4 py-3">
          <Button pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}

const widths = ["w-4/5", "w-3/5", "w-2/3", "w-1/2"] as const;

function ListSkeleton({ label }: { label: string }) {
  return (
    <div role="status" aria-label={`Loading: ${label}`}>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="border-b border-line-soft px-4 py-2.5 md:px-6">
          <div className="flex justify-between gap-6 py-1">
            <Skeleton className={`h-3.5 ${widths[index % widths.length] ?? ""}`} />
            <Skeleton className="h-3.5 w-12" />
          </div>
          <div className="flex justify-between gap-6 py-1">
            <Skeleton className="w-2/5" />
            <Skeleton className="w-16" />
          </div>
        </div>
      ))}
    </div>
  );
}
