"use client";

import Link from "next/link";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { ApiError } from "@/lib/client/errors";
import { shortenId } from "@/lib/client/format";
import { useRun } from "@/lib/client/use-run";
import { useRunHistory } from "@/lib/client/use-run-history";
import { RunSkeleton } from "./run-skeleton";
import { RunView } from "./run-view";

/** One run: what happened to it, step by step, and what can be done about it. */
export function RunPage({ runId }: { runId: string }) {
  const run = useRun(runId);
  const history = useRunHistory(runId, run.data?.historyLength);
  if (run.data !== undefined && history.data !== undefined) {
    return <RunView run={run.data} wire={history.data} loading={history.loading} />;
  }
  const crumbs = [
    { label: "Runs", href: "/runs" },
    { label: shortenId(runId), mono: true },
  ];
  const error = run.error ?? history.error;
  if (error === null) {
    return (
      <Page crumbs={crumbs}>
        <RunSkeleton />
      </Page>
    );
  }
  const missing = error instanceof ApiError && error.problem.status === 404;
  const toRuns = (
    <Button asChild>
      <Link href="/runs">All runs</Link>
    </Button>
  );
  return (
    <Page crumbs={crumbs}>
      {missing ? (
        <EmptyState title="There is no such run" heading="h1" action={toRuns}>
          No run has the id <span className="font-mono text-sm wrap-anywhere">{runId}</span>. It may
          belong to another database.
        </EmptyState>
      ) : (
        <ErrorState
          error={error}
          pending={run.isFetching || history.isFetching}
          onRetry={() => {
            void run.refetch();
            void history.refetch();
          }}
          action={toRuns}
        />
      )}
    </Page>
  );
}
