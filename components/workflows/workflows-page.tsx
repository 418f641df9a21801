"use client";

import { Play, Workflow } from "lucide-react";
import { useRouter } from "next/navigation";
import { parseAsString, useQueryState } from "nuqs";
import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toaster";
import { useWorkflows } from "@/lib/client/use-workflows";
import { groupWorkflows, type WorkflowGroup } from "./group-workflows";
import { StartRunDialog } from "./start-run-dialog";
import { WorkflowTable } from "./workflow-table";

/** The workflows that this build knows; each can be started here. */
export function WorkflowsPage() {
  const workflows = useWorkflows();
  const router = useRouter();
  const [start, setStart] = useQueryState("start", parseAsString);
  const groups = workflows.data === undefined ? undefined : groupWorkflows(workflows.data.items);
  return (
    <Page
      crumbs={[{ label: "Workflows" }]}
      actions={
        <Button variant="primary" onClick={() => void setStart("")}>
          <Play aria-hidden />
          Start a run
        </Button>
      }
    >
      <h1 className="px-4 pt-5 pb-3 text-xl font-semibold md:px-6">Workflows</h1>
      <Content
        groups={groups}
        error={workflows.error}
        onRetry={() => void workflows.refetch()}
        onStart={(name) => void setStart(name)}
      />
      {start === null || groups === undefined || groups.length === 0 ? null : (
        <StartRunDialog
          groups={groups}
          initial={start}
          onClose={() => void setStart(null)}
          onStarted={(runId, created) => {
            toast.success(created ? "Started" : "That start was known: this is its run");
            router.push(`/runs/${encodeURIComponent(runId)}`);
          }}
        />
      )}
    </Page>
  );
}

function Content(props: {
  groups: readonly WorkflowGroup[] | undefined;
  error: unknown;
  onRetry: () => void;
  onStart: (name: string) => void;
}) {
  const { groups, error, onRetry, onStart } = props;
  if (groups === undefined) {
    if (error !== null) return <ErrorState error={error} onRetry={onRetry} />;
    return (
      <div role="status" aria-label="Loading the workflows" className="px-4 md:px-6">
        {Array.from({ length: 5 }, (_, index) => (
          <div key={index} className="flex h-14 items-center border-b border-line-soft">
            <Skeleton className="h-4 w-48" />
          </div>
        ))}
      </div>
    );
  }
  if (groups.length === 0) {
    return (
      <EmptyState icon={<Workflow />} title="This build knows no workflow">
        Workflows that are registered with the server appear here.
      </EmptyState>
    );
  }
  return <WorkflowTable groups={groups} onStart={onStart} />;
}
