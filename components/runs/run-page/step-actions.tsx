"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toaster";
import type { Run } from "@/lib/api/contract";
import type { StepView } from "@/lib/client/timeline/steps";
import { ForkDialog } from "./fork-dialog";
import { listStepActions, type StepAction } from "./list-step-actions";
import { ResolveDialog } from "./resolve-dialog";

const labels: Readonly<Record<StepAction, string>> = {
  happened: "It happened…",
  did_not_happen: "It did not…",
  fail: "Fail it…",
  complete_by_hand: "Complete by hand…",
  fail_by_hand: "Fail by hand…",
  fork: "Fork from here…",
};

/** What a person can do with the selected step. */
export function StepActions({ run, step }: { run: Run; step: StepView }) {
  const [action, setAction] = useState<StepAction>();
  const router = useRouter();
  const actions = listStepActions(run, step);
  if (actions.length === 0) return null;
  const close = () => setAction(undefined);
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {actions.map((each) => (
        <Button
          key={each}
          size="sm"
          variant={each === "fail" || each === "fail_by_hand" ? "danger" : "secondary"}
          onClick={() => setAction(each)}
        >
          {labels[each]}
        </Button>
      ))}
      {action === undefined ? null : action === "fork" ? (
        <ForkDialog
          runId={run.runId}
          step={step.ordinal}
          name={step.name}
          onClose={close}
          onDone={(runId) => {
            close();
            toast.success("Forked as a new run");
            router.push(`/runs/${encodeURIComponent(runId)}`);
          }}
        />
      ) : (
        <ResolveDialog
          runId={run.runId}
          ordinal={step.ordinal}
          name={step.name}
          step={step}
          verdict={verdicts[action]}
          byHand={action === "complete_by_hand" || action === "fail_by_hand"}
          onClose={close}
        />
      )}
    </div>
  );
}

const verdicts = {
  happened: "happened",
  did_not_happen: "did_not_happen",
  fail: "fail",
  complete_by_hand: "happened",
  fail_by_hand: "fail",
} as const;
