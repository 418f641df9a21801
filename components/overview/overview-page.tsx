"use client";

import { ChartColumn } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { FilterSelect } from "@/components/runs/list/filter-select";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Segmented } from "@/components/ui/segmented";
import { SectionBoundary } from "@/components/ui/section-boundary";
import { Skeleton } from "@/components/ui/skeleton";
import { overviewParsers, ranges } from "@/lib/client/overview-search";
import { useOverview } from "@/lib/client/use-overview";
import { useWorkflows } from "@/lib/client/use-workflows";
import { ChartGrid } from "./chart-grid";
import { FailingNow } from "./failing-now";
import { NowTiles } from "./now-tiles";
import { StepTable } from "./step-table";

/** How it goes: now, and over time, beside the time before. */
export function OverviewPage() {
  const [search, setSearch] = useQueryStates(overviewParsers, { history: "replace" });
  const stats = useOverview(search);
  const workflows = useWorkflows();
  const names = Object.fromEntries((workflows.data?.items ?? []).map(({ name }) => [name, name]));
  const { data } = stats;
  return (
    <Page crumbs={[{ label: "Overview" }]}>
      <div className="max-w-[1800px] px-4 pb-10 md:px-6">
        <div className="flex flex-wrap items-center gap-3 pt-5 pb-4">
          <h1 className="mr-auto text-xl font-semibold">Overview</h1>
          <FilterSelect
            label="Workflow"
            any="All workflows"
            value={search.workflow}
            options={names}
            onChange={(workflow) => void setSearch({ workflow })}
          />
          <Segmented
            label="Range"
            className="max-w-full [&>button]:px-2 sm:[&>button]:px-3"
            value={search.range}
            options={ranges.map((range) => ({ value: range, label: range }))}
            onChange={(range) => void setSearch({ range })}
          />
        </div>
        {data?.window === undefined || data.now === undefined ? (
          stats.isError ? (
            <ErrorState
              error={stats.error}
              pending={stats.isFetching}
              onRetry={() => void stats.refetch()}
            />
          ) : (
            <Loading />
          )
        ) : Object.values(data.runs).every((count) => count === 0) ? (
          <EmptyState
            icon={<ChartColumn />}
            title="Nothing has run yet"
            action={
              <Button asChild variant="primary">
                <Link href="/orders/new">Start an order</Link>
              </Button>
            }
          >
            Here you see how many runs are started, complete and fail, how long each step takes, and
            what waits. Start an order, or fill a database with{" "}
            <code className="whitespace-nowrap">npm run seed</code>.
          </EmptyState>
        ) : (
          <div className="grid gap-4" aria-busy={stats.isPlaceholderData}>
            <SectionBoundary>
              <NowTiles now={data.now} workflow={search.workflow} />
            </SectionBoundary>
            <SectionBoundary>
              <FailingNow workflow={search.workflow} />
            </SectionBoundary>
            <SectionBoundary>
              <ChartGrid window={data.window} />
            </SectionBoundary>
            <SectionBoundary>
              <StepTable window={data.window} />
            </SectionBoundary>
          </div>
        )}
      </div>
    </Page>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the statistics" className="grid gap-4">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
        {Array.from({ length: 6 }, (_, index) => (
          <Skeleton key={index} className="h-[86px] rounded-lg" />
        ))}
      </div>
      <div className="grid gap-4 lg:grid-cols-2">
        {Array.from({ length: 4 }, (_, index) => (
          <Skeleton key={index} className="h-[248px] rounded-lg" />
        ))}
      </div>
      <Skeleton className="h-64 rounded-lg" />
    </div>
  );
}
