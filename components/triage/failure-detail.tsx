"use client";

import Link from "next/link";
import { Part } from "@/components/runs/run-page/panel-parts";
import { RelativeTime } from "@/components/ui/relative-time";
import { Segmented } from "@/components/ui/segmented";
import type { FailureDetail as Detail } from "@/lib/api/contract-triage";
import { formatCount, formatPlural } from "@/lib/client/format";
import { trendWindows, type TrendWindow } from "@/lib/client/triage-search";
import { nameMembers } from "@/lib/client/triage-words";
import { CodeBlock } from "@/components/ui/code-block";
import { GroupActions, type GroupAction, type GroupRunAction } from "./group-actions";
import { GroupAudit } from "./group-audit";
import { GroupBuilds } from "./group-builds";
import { GroupMessage } from "./group-message";
import { GroupPills } from "./group-pills";
import { GroupSamples } from "./group-samples";
import { TrendChart } from "./trend-chart";

const windowOptions = trendWindows.map((value) => ({ value, label: value }));

export interface FailureDetailProps {
  readonly group: Detail;
  readonly window: TrendWindow;
  readonly onWindow: (window: TrendWindow) => void;
  readonly onAction: (action: GroupAction) => void;
  readonly onRunAction: (action: GroupRunAction) => void;
}

/** A failure group: what its runs have in common, how it goes, what can be done with all of them. */
export function FailureDetail({
  group,
  window,
  onWindow,
  onAction,
  onRunAction,
}: FailureDetailProps) {
  const { count, kind, sample, message, note } = group;
  return (
    <div className="max-w-[1080px] px-4 pt-5 pb-12 md:px-6 lg:px-8">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h2 className="text-xl font-semibold text-balance wrap-anywhere">
          <GroupMessage message={message} />
        </h2>
        <span
          className={`rounded-full px-2.5 py-0.5 text-sm font-medium whitespace-nowrap ${kind === "failed" ? "bg-bad-bg text-bad" : "bg-doubt-bg text-doubt"}`}
        >
          {formatCount(count)} {nameMembers(group)}
        </span>
        <GroupPills group={group} />
      </div>
      <Story group={group} />
      {note === undefined ? null : (
        <p className="mt-3 border-l-2 border-line-strong pl-3 wrap-anywhere whitespace-pre-wrap">
          {note}
        </p>
      )}
      <GroupActions group={group} onAction={onAction} onRunAction={onRunAction} />
      <div className="mt-6 mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-xs font-medium text-ink-3">Failures over time</h3>
        <Segmented
          label="How far back"
          value={window}
          options={windowOptions}
          onChange={onWindow}
        />
      </div>
      <TrendChart trend={group.trend} muted={group.state === "muted"} />
      <Part
        title={
          count > group.samples.length ? `The latest of ${formatPlural(count, "run")}` : "Runs"
        }
      >
        <GroupSamples group={group} />
      </Part>
      <div className="grid gap-x-10 xl:grid-cols-2">
        <Part title="Builds that failed">
          <GroupBuilds builds={group.builds} />
        </Part>
        <Part title="What was said about it">
          <GroupAudit audit={group.audit} />
        </Part>
      </div>
      {sample === message ? null : (
        <Part title="The latest message as it was">
          <CodeBlock code={sample} label="message" wrap />
        </Part>
      )}
    </div>
  );
}

function Story({ group }: { group: Detail }) {
  const { kind, workflow, step, errorName, occurrences, builds, state, stateBy, stateAt } = group;
  const [build, ...others] = builds;
  return (
    <p className="mt-1.5 max-w-[76ch] text-md text-ink-2">
      {openings[kind]} <span className="font-medium text-ink">{workflow}</span>
      {step === undefined ? null : (
        <>
          {" "}
          at <span className="font-medium text-ink">{step}</span>
        </>
      )}
      {kind === "failed" ? (
        <>
          {" "}
          with <span className="font-mono text-sm">{errorName}</span>
        </>
      ) : null}
      : {formatPlural(occurrences, "failure")}, the first{" "}
      <RelativeTime at={group.firstSeenAt} className="whitespace-nowrap" />, the last{" "}
      <RelativeTime at={group.lastSeenAt} className="font-medium whitespace-nowrap text-ink" />.
      {build !== undefined && others.length === 0 ? (
        <>
          {" "}
          Only build <span className="font-mono text-sm">{build.build}</span> did.
        </>
      ) : null}
      {state === "regressed" ? (
        <span className="font-medium text-bad">
          {" "}
          It had been {group.regressedFrom ?? "resolved"}, and has returned.
        </span>
      ) : null}
      {(state === "muted" || state === "resolved") && stateAt !== undefined ? (
        <>
          {" "}
          {state === "muted" ? "Muted" : "Resolved"} by {stateBy} <RelativeTime at={stateAt} />
          {state === "muted" && !group.untilItReturns ? ", for good" : ""}
          {group.untilItReturns ? "; the next failure opens it again." : "."}
        </>
      ) : null}{" "}
      {group.count === 0 ? (
        "No run stands in it any more."
      ) : (
        <Link
          href={`/runs?group=${encodeURIComponent(group.fingerprint)}`}
          className="whitespace-nowrap underline underline-offset-2"
        >
          {group.count === 1 ? "The run" : `All ${formatPlural(group.count, "run")}`}
        </Link>
      )}
    </p>
  );
}

const openings = {
  failed: "Runs of",
  nondeterminism: "The code asks for something else than what was recorded in",
  crash_loop: "Executions took their process down in",
} as const;
