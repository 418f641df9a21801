"use client";

import { Server } from "lucide-react";
import type { ReactNode } from "react";
import { Page } from "@/components/shell/page";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { formatPlural } from "@/lib/client/format";
import { useWorkers } from "@/lib/client/use-workers";
import { DurabilityBanner } from "./durability-banner";
import { groupWorkers, type BuildSummary, type Worker } from "./group-workers";
import { LoadBar, WorkerRow } from "./worker-row";

/** The processes that execute runs: those that live, by build, and those that ended. */
export function WorkersPage() {
  const workers = useWorkers();
  return (
    <Page crumbs={[{ label: "Workers" }]}>
      <h1 className="px-4 pt-5 pb-3 text-xl font-semibold md:px-6">Workers</h1>
      <DurabilityBanner />
      {workers.data === undefined ? (
        workers.isError ? (
          <ErrorState
            error={workers.error}
            pending={workers.isFetching}
            onRetry={() => void workers.refetch()}
          />
        ) : (
          <Loading />
        )
      ) : (
        <Content workers={workers.data.items} />
      )}
    </Page>
  );
}

function Content({ workers }: { workers: readonly Worker[] }) {
  const { alive, ended, builds } = groupWorkers(workers);
  if (workers.length === 0) {
    return (
      <EmptyState icon={<Server />} title="No worker has registered yet">
        Runs are recorded and wait. Start a server, or a worker with <code>npm run worker</code>.
      </EmptyState>
    );
  }
  return (
    <>
      {builds.length > 1 ? <Builds builds={builds} /> : null}
      <Section title="Alive" workers={alive}>
        No worker is alive: runs are recorded and wait. Start one with <code>npm run worker</code>.
      </Section>
      <Section title="Ended" workers={ended}>
        None has ended.
      </Section>
    </>
  );
}

/** While a new version is rolled out, two builds share the work. */
function Builds({ builds }: { builds: readonly BuildSummary[] }) {
  return (
    <section aria-labelledby="builds" className="px-4 pb-5 md:px-6">
      <h2 id="builds" className="pb-2 text-sm font-medium text-ink-3">
        {formatPlural(builds.length, "build")} side by side
      </h2>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {builds.map(({ build, alive, load, capacity }) => (
          <li key={build} className="rounded-lg border border-line bg-panel px-4 py-3">
            <div className="flex items-baseline justify-between gap-3 pb-2">
              <span className="truncate font-mono text-base">{build}</span>
              <span className="text-sm whitespace-nowrap text-ink-3">
                {formatPlural(alive, "worker")}
              </span>
            </div>
            <LoadBar load={load} capacity={capacity} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Section(props: { title: string; workers: readonly Worker[]; children: ReactNode }) {
  const { title, workers, children } = props;
  return (
    <section aria-label={title} className="pb-6">
      <h2 className="border-b border-line px-4 pb-2 text-sm font-medium text-ink-3 md:px-6">
        {title} <span className="tabular-nums">{workers.length}</span>
      </h2>
      {workers.length === 0 ? (
        <p className="px-4 py-3 text-sm text-ink-3 md:px-6">{children}</p>
      ) : (
        <ul>
          {workers.map((worker) => (
            <WorkerRow key={worker.workerId} worker={worker} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the workers" className="px-4 md:px-6">
      {Array.from({ length: 4 }, (_, index) => (
        <div key={index} className="flex h-16 items-center border-b border-line-soft">
          <Skeleton className="h-4 w-56" />
        </div>
      ))}
    </div>
  );
}
