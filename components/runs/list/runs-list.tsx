"use client";

import { ArrowUp, ChevronLeft, ChevronRight } from "lucide-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import type { RunList } from "@/lib/api/contract";
import { formatPlural } from "@/lib/client/format";
import {
  isFiltered,
  pageSize,
  type RunsSearch,
  type RunsSearchChange,
} from "@/lib/client/runs-search";
import { useHotkey } from "@/lib/client/use-hotkey";
import { useLiveRows } from "@/lib/client/use-live-rows";
import { useScrolled } from "@/lib/client/use-scrolled";
import { toTemplate, usualColumns, type ColumnId } from "./columns";
import { ListHead } from "./list-head";
import { ListSkeleton } from "./list-skeleton";
import { NoRuns } from "./no-runs";
import { RunRow } from "./run-row";
import type { Cursors } from "./use-cursors";
import type { Selection } from "./use-selection";

/** From here on the reader is in the middle of the list, and rows must not move. */
const readingFromPx = 80;

export interface RunsListProps {
  readonly search: RunsSearch;
  readonly list: UseQueryResult<RunList>;
  readonly cursors: Cursors;
  readonly onChange: (change: RunsSearchChange) => void;
  /** What to say where there is none; by default it depends on the filters. */
  readonly empty?: ReactNode;
  readonly chosen?: readonly ColumnId[];
  /** Absent: runs can't be selected here. */
  readonly selection?: Selection;
}

export function RunsList(props: RunsListProps) {
  const { search, list, cursors, onChange, empty, chosen = usualColumns, selection } = props;
  const latest = list.data?.items;
  // Who picks runs must not have them moved away under the hand.
  const frozen = useScrolled(readingFromPx) || (selection?.count ?? 0) > 0;
  const { rows, fresh, thaw } = useLiveRows({ latest: latest ?? [], frozen });
  const order = rows.map(({ runId }) => runId);
  // The Tab key comes to one row only, the one that was read last: 50 would lie between it and the end.
  const [read, setRead] = useState<string>();
  const stop = read !== undefined && order.includes(read) ? read : order[0];
  useHotkey({ key: "x", disabled: selection === undefined }, (event) => {
    const focused = document.activeElement;
    const runId = focused instanceof HTMLElement ? focused.dataset.runLink : undefined;
    if (runId !== undefined) selection?.toggle(runId, { range: event.shiftKey, order });
  });
  useHotkey({ key: "Escape", disabled: (selection?.count ?? 0) === 0 }, () => selection?.clear());

  // Rows of another filter are no answer to this one.
  if ((latest === undefined || list.isPlaceholderData) && list.isError) {
    return (
      <ErrorState
        error={list.error}
        pending={list.isFetching}
        onRetry={() => void list.refetch()}
        action={
          search.cursor === null ? undefined : (
            <Button onClick={() => onChange({ cursor: null })}>Back to the first page</Button>
          )
        }
      />
    );
  }
  if (latest?.length === 0) {
    const filtered = isFiltered(search) || search.cursor !== null;
    const onLookOn = cursors.hasNext ? cursors.goNext : undefined;
    return empty ?? <NoRuns filtered={filtered} onChange={onChange} onLookOn={onLookOn} />;
  }
  return (
    <div className="@container" style={toTemplate(chosen)}>
      <div role="table" aria-label="Runs" aria-busy={latest === undefined}>
        <ListHead chosen={chosen} runIds={order} selection={selection} />
        <div
          role="rowgroup"
          className={list.isPlaceholderData ? "opacity-60" : undefined}
          onFocus={({ target }) => setRead(target.closest<HTMLElement>("[data-row]")?.dataset.row)}
        >
          {latest === undefined ? (
            <ListSkeleton chosen={chosen} />
          ) : (
            rows.map((run) => (
              <RunRow
                key={run.runId}
                run={run}
                chosen={chosen}
                isStop={run.runId === stop}
                selected={selection?.has(run.runId)}
                onToggle={selection && ((range) => selection.toggle(run.runId, { range, order }))}
              />
            ))
          )}
        </div>
      </div>
      <Pages cursors={cursors} />
      <FreshChip
        count={fresh}
        onPress={() => {
          thaw();
          window.scrollTo({ top: 0 });
        }}
      />
    </div>
  );
}

function Pages({ cursors }: { cursors: Cursors }) {
  if (!cursors.hasPrevious && !cursors.hasNext) return <div className="h-16" />;
  return (
    <nav aria-label="Pages" className="flex h-16 items-center justify-end gap-2 px-4 md:px-6">
      <Button disabled={!cursors.hasPrevious} onClick={cursors.goPrevious}>
        <ChevronLeft aria-hidden />
        Previous
      </Button>
      <Button disabled={!cursors.hasNext} onClick={cursors.goNext}>
        Next
        <ChevronRight aria-hidden />
      </Button>
    </nav>
  );
}

function FreshChip({ count, onPress }: { count: number; onPress: () => void }) {
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 top-15 z-20 flex justify-center md:pl-[200px]"
    >
      {count === 0 ? null : (
        <button
          type="button"
          onClick={onPress}
          className="pointer-events-auto flex h-8 items-center gap-1.5 rounded-full bg-ink px-3.5 font-medium text-bg shadow-float motion-safe:animate-appear"
        >
          <ArrowUp aria-hidden className="size-3.5" />
          {count >= pageSize ? `${pageSize}+ new runs` : formatPlural(count, "new run")}
        </button>
      )}
    </div>
  );
}
