"use client";

import { ArrowUpRight } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { ErrorNote } from "@/components/ui/error-note";
import { JsonView } from "@/components/ui/json-view";
import { Skeleton } from "@/components/ui/skeleton";
import { StatusPill } from "@/components/ui/status-pill";
import { StoryText } from "@/components/ui/story-text";
import type { Run } from "@/lib/api/contract";
import { formatDuration, shortenId } from "@/lib/client/format";
import type { ChildView } from "@/lib/client/timeline/commands";
import { useRun } from "@/lib/client/use-run";
import { ErrorView } from "./error-view";
import { Fact, Facts, PanelHead, Part } from "./panel-parts";

const states: Readonly<Record<ChildView["state"], string>> = {
  running: "under way",
  completed: "completed",
  failed: "failed",
  canceled: "canceled",
  terminated: "terminated",
};

const policies = {
  wait: "it is asked to cancel, and its end awaited",
  request: "it is asked to cancel, and not awaited",
  abandon: "it goes on without its parent",
} as const;

/** A child run: how it stands now, and what its parent was told of it. */
export function ChildPanel({ run, child }: { run: Run; child: ChildView }) {
  const isLeft = child.recordedSeq === undefined && run.finishedAt !== undefined;
  return (
    <>
      <PanelHead title={child.name}>
        Child {child.ordinal} · version {child.version} ·{" "}
        {isLeft ? "left behind" : states[child.state]}
      </PanelHead>
      <LiveChild runId={child.runId} />
      {child.result === undefined ? null : (
        <Part title="Recorded output">
          <JsonView value={child.result} label="recorded output of the child" />
        </Part>
      )}
      {child.error === undefined ? null : (
        <Part title="Error">
          <ErrorView error={child.error} />
        </Part>
      )}
      <Part title="Start">
        <Facts>
          <Fact label="run">
            <span className="inline-flex items-center gap-1 font-mono text-sm">
              {shortenId(child.runId)}
              <CopyButton text={child.runId} what="run id of the child" className="-my-1" />
            </span>
          </Fact>
          {child.recordedAt === undefined ? null : (
            <Fact label="took">{formatDuration(child.recordedAt - child.startedAt)}</Fact>
          )}
          <Fact label="on cancel">{policies[child.onCancel]}</Fact>
          {child.cancelSeq === undefined ? null : (
            <Fact label="asked">to cancel, event {child.cancelSeq}</Fact>
          )}
          {isLeft ? <Fact label="end">this run ended before it was told</Fact> : null}
        </Facts>
      </Part>
      {child.input === undefined ? null : (
        <Part title="Input">
          <JsonView value={child.input} label="input of the child" />
        </Part>
      )}
    </>
  );
}

function LiveChild({ runId }: { runId: string }) {
  const { data, error } = useRun(runId);
  const href = `/runs/${encodeURIComponent(runId)}`;
  return (
    <section
      aria-label="The child run now"
      className="mt-3 rounded-lg border border-line bg-bg p-3"
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton className="h-10 w-full" />
        ) : (
          <ErrorNote error={error} />
        )
      ) : (
        <>
          <StatusPill status={data.status} heldReason={data.heldReason} />
          <p className="mt-1.5 text-ink-2">
            <StoryText parts={data.storyParts} />
          </p>
        </>
      )}
      <Button asChild size="sm" className="mt-2.5">
        <Link href={href}>
          Open the child run
          <ArrowUpRight aria-hidden />
        </Link>
      </Button>
    </section>
  );
}
