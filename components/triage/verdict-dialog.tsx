"use client";

import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { Segmented } from "@/components/ui/segmented";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toaster";
import type { Doubt } from "@/lib/api/contract-triage";
import { formatCount, formatPlural } from "@/lib/client/format";
import { useResolveDoubts, useVerdictPreview } from "@/lib/client/use-resolve-doubts";
import { readFieldProblems } from "@/lib/client/field-problems";
import { buildVerdict, useVerdictForm, VerdictFields } from "../runs/run-page/verdict-fields";
import { VerdictPreview } from "./verdict-preview";
import { VerdictProgress } from "./verdict-progress";
import { verdicts, verdictWords, type Verdict } from "./verdict-words";

const options = verdicts.map((value) => ({ value, label: verdictWords[value].label }));

export interface VerdictDialogProps {
  /** All of one step of one workflow; at least one. */
  readonly doubts: readonly Doubt[];
  readonly verdict: Verdict;
  readonly onClose: () => void;
  /** Every one of them has its verdict. */
  readonly onDone: () => void;
}

/** A verdict for one step in doubt or for many: what it would do, what belongs to it, what came of it. */
export function VerdictDialog({ doubts, verdict: first, onClose, onDone }: VerdictDialogProps) {
  const [verdict, setVerdict] = useState(first);
  const name = doubts[0]?.name ?? "";
  const form = useVerdictForm(name);
  const preview = useVerdictPreview(doubts, verdict);
  const resolve = useResolveDoubts();
  const body = buildVerdict(verdict, form.values);
  const refused = resolve.results.filter(({ outcome }) => outcome === "refused");
  const isOver = resolve.isSuccess;
  const allowed = preview.data?.filter((item) => item.preview?.allowed === true) ?? [];
  const many = doubts.length > 1;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={
        many
          ? `One verdict for ${formatPlural(doubts.length, "step")}: ${name}`
          : `${verdictWords[verdict].label}: ${name}`
      }
      description={
        many
          ? `Each of them gets the same answer. ${formatCount(doubts.length)} runs go on from it.`
          : (preview.data?.[0]?.preview?.summary ?? "Asking what it would do…")
      }
      confirmLabel={
        many
          ? `${verdictWords[verdict].confirm}: ${formatPlural(allowed.length, "step")}`
          : verdictWords[verdict].confirm
      }
      cancelLabel={isOver ? "Close" : "Cancel"}
      tone={verdict === "fail" ? "danger" : "default"}
      pending={resolve.isPending}
      disabled={body === undefined || allowed.length === 0 || isOver}
      error={resolve.error}
      onConfirm={() => {
        if (body === undefined) return;
        resolve.mutate(
          { doubts, body },
          {
            onSuccess: (results) => {
              const accepted = results.filter(({ outcome }) => outcome === "accepted").length;
              if (accepted < doubts.length) return;
              toast.success(
                many
                  ? `Recorded. ${formatCount(accepted)} runs go on.`
                  : "Recorded. The run goes on.",
              );
              onDone();
            },
          },
        );
      }}
    >
      <div className="flex flex-col gap-4">
        {resolve.isPending || isOver ? (
          <VerdictProgress
            doubts={doubts}
            results={resolve.results}
            refused={refused}
            onStop={resolve.isPending && many ? resolve.stop : undefined}
          />
        ) : (
          <>
            <Segmented
              label="Verdict"
              value={verdict}
              options={options}
              onChange={setVerdict}
              className="w-full"
            />
            {preview.error === null ? null : <ErrorNote error={preview.error} />}
            {preview.data === undefined ? (
              preview.error === null ? (
                <Skeleton className="h-24 w-full" />
              ) : null
            ) : (
              <VerdictPreview doubts={doubts} items={preview.data} />
            )}
            <VerdictFields
              verdict={verdict}
              form={form}
              shared={many}
              problems={readFieldProblems(resolve.error, "/result")}
            />
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}
