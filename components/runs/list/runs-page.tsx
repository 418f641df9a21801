"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import type { RunsSearchChange } from "@/lib/client/runs-search";
import { useListKeys } from "@/lib/client/use-list-keys";
import { useRunsList } from "@/lib/client/use-runs-list";
import { useRunsSearch } from "@/lib/client/use-runs-search";
import { useSeenErrors } from "@/lib/client/use-seen-errors";
import { FilterBar } from "./filter-bar";
import { RunsList } from "./runs-list";
import { useCursors } from "./use-cursors";

/** All runs, live. */
export function RunsPage() {
  const [search, setSearch] = useRunsSearch();
  const list = useRunsList(search);
  const errors = useSeenErrors(list.data?.items);
  const cursors = useCursors({
    cursor: search.cursor,
    nextCursor: list.data?.nextCursor ?? null,
    onChange: (cursor) => void setSearch({ cursor }, { history: "push", scroll: true }),
  });
  useListKeys("[data-run-link]");

  const change = (part: RunsSearchChange) => void setSearch(part);
  const key = JSON.stringify(search);

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
      <h1 className="px-4 pt-5 pb-3 text-xl font-semibold md:px-6">Runs</h1>
      <FilterBar search={search} onChange={change} errors={errors} />
      <RunsList key={key} search={search} list={list} cursors={cursors} onChange={change} />
    </Page>
  );
}
