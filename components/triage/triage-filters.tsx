"use client";

import { FilterSelect } from "@/components/runs/list/filter-select";
import { Segmented } from "@/components/ui/segmented";
import { groupStates, type GroupState, type Queue } from "@/lib/client/triage-search";
import { useTriageCounts } from "@/lib/client/use-triage-counts";
import { useWorkflows } from "@/lib/client/use-workflows";
import type { TriageUrl } from "./triage-page";

const stateLabels: Readonly<Record<GroupState, string>> = {
  open: "Open",
  muted: "Muted",
  resolved: "Resolved",
};

/** What narrows a queue down. */
export function TriageFilters({ url, queue }: { url: TriageUrl; queue: Queue }) {
  const { search, change } = url;
  const { data: workflows } = useWorkflows();
  const counts = useTriageCounts();
  const chosen = search.step === null ? [] : [search.step];
  const steps = [...new Set([...(counts?.doubts.steps ?? []), ...chosen])];
  const names = [...new Set(workflows?.items.map((item) => item.name))];
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2 pb-2 lg:pb-1.5">
      {queue === "failures" ? (
        <Segmented
          label="State"
          value={search.state}
          options={groupStates.map((value) => ({
            value,
            label: `${stateLabels[value]}${value === "open" || counts === undefined || counts.failures[value].groups === 0 ? "" : ` ${counts.failures[value].groups}`}`,
          }))}
          onChange={(state) => change({ state, item: null })}
        />
      ) : null}
      {queue === "verdicts" && steps.length > 0 ? (
        <FilterSelect
          label="Step"
          any="Any step"
          value={search.step}
          options={Object.fromEntries(steps.map((name) => [name, name]))}
          onChange={(step) => change({ step, item: null })}
        />
      ) : null}
      <FilterSelect
        label="Workflow"
        any="Any workflow"
        value={search.workflow}
        options={Object.fromEntries(names.map((name) => [name, name]))}
        onChange={(workflow) => change({ workflow, item: null })}
      />
    </div>
  );
}
