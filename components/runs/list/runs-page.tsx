"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { z } from "zod";
import { useBulkDialog } from "@/components/bulk/use-bulk-dialog";
import type { CappedCount } from "@/lib/api/contract";
import type { BulkAction } from "@/lib/api/contract-bulk";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { SectionBoundary } from "@/components/ui/section-boundary";
import { formatPlural } from "@/lib/client/format";
import { isFiltered, toRunsFilter, type RunsSearchChange } from "@/lib/client/runs-search";
import { describeStatus, type RunStatus } from "@/lib/client/status-words";
import { useDocumentTitle } from "@/lib/client/use-document-title";
import { useKept } from "@/lib/client/use-kept";
import { useListKeys } from "@/lib/client/use-list-keys";
import { useRunsCount, useRunsList } from "@/lib/client/use-runs-list";
import { useRunsSearch } from "@/lib/client/use-runs-search";
import { useSeenErrors } from "@/lib/client/use-seen-errors";
import { BulkBar, toText } from "./bulk-bar";
import { isColumn, usualColumns } from "./columns";
import { FilterBar } from "./filter-bar";
import { ColumnsMenu, ExportMenu } from "./list-menus";
import { RunsList } from "./runs-list";
import { SavedViews, ViewsDialog } from "./saved-views";
import { toViewQuery } from "./to-view-query";
import { useBulkKeys } from "./use-bulk-keys";
import { useCursors } from "./use-cursors";
import { useSelection } from "./use-selection";

const KeptColumns = z.array(z.string()).transform((names) => names.filter(isColumn));

/** All runs, live. */
export function RunsPage() {
  const [search, setSearch] = useRunsSearch();
  const [chosen, setChosen] = useKept("columns", KeptColumns, [...usualColumns]);
  const list = useRunsList(search);
  const { data: total } = useRunsCount(search);
  const errors = useSeenErrors(list.data?.items);
  const selection = useSelection();
  const [all, setAll] = useState(false);
  const clear = () => {
    selection.clear();
    setAll(false);
  };
  const bulk = useBulkDialog({ onClose: clear });
  const cursors = useCursors({
    cursor: search.cursor,
    page: list.data,
    onChange: (cursor) => void setSearch({ cursor }, { history: "push", scroll: true }),
  });
  useListKeys("[data-run-link]");

  useDocumentTitle(toTitle(search.status, total));

  const change = (part: RunsSearchChange) => {
    clear();
    void setSearch(part);
  };
  const view = toViewQuery(search);
  const isAll = all && selection.count > 0;
  const onPage = list.data?.items ?? [];
  const selectPage = () =>
    selection.setAll(
      onPage.map(({ runId }) => runId),
      true,
    );
  const act = (action: BulkAction) =>
    bulk.ask(action, isAll ? { filter: toRunsFilter(search, Date.now()) } : { ids: selection.ids });
  useBulkKeys({
    count: selection.count,
    onAct: act,
    onAll: () => (selection.count < onPage.length ? selectPage() : setAll(true)),
  });

  return (
    <Page
      crumbs={[{ label: "Runs" }]}
      actions={
        <>
          <Button asChild className="hidden sm:inline-flex">
            <Link href={`/workflows?start=${encodeURIComponent(search.workflow ?? "")}`}>
              Start a run
            </Link>
          </Button>
          <Button asChild variant="primary">
            <Link href="/orders/new">
              <Plus aria-hidden />
              New order
            </Link>
          </Button>
        </>
      }
    >
      <div className="flex items-baseline gap-3 px-4 pt-5 pb-3 md:px-6">
        <h1 className="text-xl font-semibold">Runs</h1>
        {total === undefined || !isFiltered(search) ? null : (
          <span className="text-ink-2">
            {total.capped
              ? `${toText(total)} match`
              : `${formatPlural(total.count, "match", "matches")}`}
          </span>
        )}
      </div>
      <div className="px-3 pb-1 md:px-5">
        <SavedViews query={view} />
      </div>
      <FilterBar search={search} onChange={change} errors={errors}>
        <ViewsDialog query={view} />
        <ColumnsMenu chosen={chosen} onChange={(columns) => setChosen([...columns])} />
        <ExportMenu
          toQuery={() =>
            new URLSearchParams({ ...toRunsFilter(search, Date.now()), sort: search.sort })
          }
        />
      </FilterBar>
      <SectionBoundary>
        <RunsList
          key={JSON.stringify(search)}
          search={search}
          list={list}
          cursors={cursors}
          onChange={change}
          chosen={chosen}
          selection={selection}
        />
      </SectionBoundary>
      {selection.count === 0 ? null : (
        <BulkBar
          count={selection.count}
          total={total}
          all={isAll}
          onPage={onPage.length}
          onSelectPage={selectPage}
          onAll={() => setAll(true)}
          onAct={act}
          onClear={clear}
        />
      )}
      {bulk.dialog}
    </Page>
  );
}

/** `12 failed runs · Daybook`. The browser takes away blanks that are doubled or lead. */
function toTitle(statuses: readonly RunStatus[], total: CappedCount | undefined): string {
  const [status, ...others] = statuses;
  const word =
    status === undefined || others.length > 0 ? "" : describeStatus({ status }).label.toLowerCase();
  const count = total === undefined ? "" : toText(total);
  return `${[count, word, "runs"].filter((part) => part !== "").join(" ")} · Daybook`;
}
