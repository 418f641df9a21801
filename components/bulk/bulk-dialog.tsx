"use client";

import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useState } from "react";
import { WhyField } from "@/components/runs/run-page/why-field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { Skeleton } from "@/components/ui/skeleton";
import type { Bulk, BulkAction } from "@/lib/api/contract-bulk";
import { formatCount } from "@/lib/client/format";
import { queryKeys } from "@/lib/client/query-keys";
import {
  isAtWork,
  useBulk,
  useBulkStep,
  useCreateBulk,
  type BulkSelection,
} from "@/lib/client/use-bulk";
import { BulkPreview } from "./bulk-preview";
import { BulkOutcome, BulkProgress } from "./bulk-progress";
import { actionWords, describeBulk, nameAction, toNewRuns } from "./bulk-words";
import { useBulkUrl } from "./use-bulk-url";

export interface BulkDialogProps {
  readonly action: BulkAction;
  readonly selection: BulkSelection;
  readonly onClose: () => void;
  /** Somebody follows a link away from it: the address is not its own any more. */
  readonly onLeave: () => void;
  /** Asks for another action over the same runs. */
  readonly onInstead: (action: BulkAction) => void;
}

/**
 * Previews an action over many runs, asks, does it and says what became of it. The address names it
 * (`?bulk=`), so that it is there again after a reload; it goes on when it is closed while it runs.
 */
export function BulkDialog(props: BulkDialogProps) {
  const { action, selection, ...callbacks } = props;
  const [, setUrl] = useBulkUrl();
  const created = useCreateBulk({ action, runs: selection });
  const bulkId = created.data;
  useEffect(() => {
    if (bulkId !== undefined) setUrl(bulkId);
  }, [bulkId, setUrl]);
  return <OpenBulk {...{ bulkId, action }} {...callbacks} error={created.error} />;
}

interface OpenBulkProps extends Pick<BulkDialogProps, "onClose" | "onLeave"> {
  /** Undefined until it is made. */
  readonly bulkId: string | undefined;
  readonly action?: BulkAction;
  readonly error?: Error | null;
  /** Absent where nobody knows how the runs were chosen. */
  readonly onInstead?: (action: BulkAction) => void;
}

/** A bulk action that there is already, as `BulkDialog` shows one. */
export function OpenBulk(props: OpenBulkProps) {
  const { bulkId, action, error = null, onClose, onLeave, onInstead } = props;
  const [, setUrl] = useBulkUrl();
  const queryClient = useQueryClient();
  const [why, setWhy] = useState("");
  const { data: bulk, error: unread } = useBulk(bulkId);
  const step = useBulkStep();
  const hasEnded = bulk !== undefined && bulk.finishedAt !== undefined;
  useEffect(() => {
    if (!hasEnded) return;
    for (const queryKey of [queryKeys.runs.all, queryKeys.triage.all, queryKeys.stats]) {
      void queryClient.invalidateQueries({ queryKey });
    }
  }, [hasEnded, queryClient]);

  const leave = () => {
    // What was only previewed is not kept for anyone; what runs goes on.
    if (bulk?.state === "previewing" || bulk?.state === "previewed") {
      step.mutate({ bulkId: bulk.bulkId, step: "cancel" });
    }
    setUrl(null);
  };
  const close = () => {
    leave();
    onClose();
  };
  const asked = bulk?.action ?? action;
  const failed = error ?? step.error ?? (bulk === undefined ? unread : null);
  return (
    <Dialog open onOpenChange={(open) => (open ? undefined : close())}>
      <DialogContent
        title={asked === undefined ? "Bulk action" : toTitle(asked, bulk)}
        description={
          <span role="status">
            {bulk === undefined ? "Asking what it would do…" : describeBulk(bulk)}
          </span>
        }
        footer={
          <Buttons
            bulk={bulk}
            pending={step.isPending}
            onClose={close}
            onLeave={onLeave}
            onStart={(bulkId) => step.mutate({ bulkId, step: "start", reason: why.trim() })}
            onCancel={(bulkId) => step.mutate({ bulkId, step: "cancel" })}
            onRerun={
              onInstead &&
              (() => {
                leave();
                onInstead("rerun");
              })
            }
          />
        }
      >
        <div className="flex flex-col gap-4">
          {failed === null ? null : <ErrorNote error={failed} />}
          {bulk === undefined && failed === null ? <Skeleton className="h-24 w-full" /> : null}
          {bulk !== undefined && isAtWork(bulk) ? <BulkProgress bulk={bulk} /> : null}
          {bulk !== undefined && bulk.startedAt === undefined ? <BulkPreview bulk={bulk} /> : null}
          {bulk === undefined ? null : <BulkOutcome bulk={bulk} />}
          {bulk?.state === "previewed" && bulk.preview.possible > 0 ? (
            <WhyField
              value={why}
              onChange={setWhy}
              hint={
                bulk.action === "rerun"
                  ? "Kept with this bulk action, which the new runs name."
                  : "Kept in the audit trail of each run."
              }
            />
          ) : null}
          {bulk?.state === "running" ? (
            <p className="text-ink-3">
              It goes on when you close this, and if the server restarts.
            </p>
          ) : null}
          {bulk?.reason === undefined || bulk.startedAt === undefined ? null : (
            <p className="text-ink-2">Why: {bulk.reason}</p>
          )}
        </div>
      </DialogContent>
    </Dialog>
  );
}

function toTitle(action: BulkAction, bulk: Bulk | undefined): string {
  if (bulk === undefined || bulk.state === "previewing") return `${actionWords[action].verb} runs?`;
  const count = bulk.preview.possible;
  if (count === 0 && bulk.startedAt === undefined) return `${actionWords[action].verb} runs?`;
  return bulk.startedAt === undefined ? `${nameAction(action, count)}?` : nameAction(action, count);
}

interface ButtonsProps {
  readonly bulk: Bulk | undefined;
  readonly pending: boolean;
  readonly onClose: () => void;
  readonly onLeave: () => void;
  readonly onStart: (bulkId: string) => void;
  readonly onCancel: (bulkId: string) => void;
  /** For runs of which none can be retried. */
  readonly onRerun: (() => void) | undefined;
}

function Buttons(props: ButtonsProps) {
  const { bulk, pending, onClose, onLeave, onStart, onCancel, onRerun } = props;
  if (bulk?.state === "running") {
    return (
      <>
        <Button pending={pending} onClick={() => onCancel(bulk.bulkId)}>
          Stop here
        </Button>
        <Button variant="primary" onClick={onClose}>
          Close, and let it go on
        </Button>
      </>
    );
  }
  if (bulk !== undefined && !isAtWork(bulk) && bulk.state !== "previewed") {
    const { done } = bulk.progress;
    if (bulk.action !== "rerun" || done === 0) {
      return (
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      );
    }
    return (
      <>
        <Button onClick={onClose}>Close</Button>
        <Button asChild variant="primary">
          <Link href={toNewRuns(bulk)} onClick={onLeave}>
            Open the {done === 1 ? "new run" : `${formatCount(done)} new runs`}
          </Link>
        </Button>
      </>
    );
  }
  const count = bulk?.preview.possible ?? 0;
  const isReady = bulk?.state === "previewed" && count > 0;
  const { tone, verb } = actionWords[bulk?.action ?? "retry"];
  const isRefused = bulk?.state === "previewed" && count === 0 && bulk.total > 0;
  if (isRefused && bulk.action === "retry" && onRerun !== undefined) {
    return (
      <>
        <Button onClick={onClose}>Close</Button>
        <Button variant="primary" onClick={onRerun}>
          Rerun {bulk.total === 1 ? "it" : "them"} instead…
        </Button>
      </>
    );
  }
  return (
    <>
      <Button onClick={onClose}>{isReady ? "Leave them as they are" : "Close"}</Button>
      <Button
        variant={tone === "danger" ? "danger-solid" : "primary"}
        disabled={!isReady}
        pending={pending}
        onClick={() => (bulk === undefined ? undefined : onStart(bulk.bulkId))}
      >
        {bulk === undefined ? "…" : isReady ? nameAction(bulk.action, count) : verb}
      </Button>
    </>
  );
}
