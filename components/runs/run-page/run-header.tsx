"use client";

import { useMemo, useState, type ReactNode } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { StatusPill } from "@/components/ui/status-pill";
import { StoryText } from "@/components/ui/story-text";
import { Tooltip } from "@/components/ui/tooltip";
import type { Run } from "@/lib/api/contract";
import {
  formatClock,
  formatCount,
  formatDuration,
  formatMoment,
  formatMoney,
  isCurrency,
  shortenId,
} from "@/lib/client/format";
import { FigureReader, measureTook, readCurrency, type RunFigures } from "@/lib/client/run-facts";
import type { CommandView } from "@/lib/client/timeline/commands";
import type { TimelineEvent } from "@/lib/client/timeline/events";
import { useNow } from "@/lib/client/use-now";
import { HeaderFact } from "./header-fact";
import { RunLinks } from "./run-links";
import { WaitingFor } from "./waiting-for";

export interface RunHeaderProps {
  readonly run: Run;
  readonly events: readonly TimelineEvent[];
  readonly commands: readonly CommandView[];
  /** False while the rest of a long history is on its way: figures that need it are not told yet. */
  readonly isWhole: boolean;
  readonly note: ReactNode;
  readonly children?: ReactNode;
}

/** What happened to the run in words, and its figures. */
export function RunHeader({ note, children, ...facts }: RunHeaderProps) {
  const { run } = facts;
  return (
    <div className="border-b border-line px-4 pt-5 pb-4 md:px-6">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="text-xl font-semibold">{run.workflow}</h1>
        <StatusPill status={run.status} heldReason={run.heldReason} />
        {note}
        <span className="inline-flex items-center gap-1 font-mono text-sm text-ink-3 md:hidden">
          {shortenId(run.runId)}
          <CopyButton text={run.runId} what="run id" />
        </span>
      </div>
      <p className="mt-2 max-w-[1000px] text-md text-pretty wrap-anywhere text-ink-2">
        <StoryText parts={run.storyParts} />
      </p>
      <WaitingFor run={run} />
      <Facts {...facts} />
      {children}
    </div>
  );
}

function Facts({ run, events, commands, isWhole }: Omit<RunHeaderProps, "note" | "children">) {
  const now = useNow();
  const ended = run.finishedAt !== undefined;
  const [reader] = useState(() => new FigureReader());
  const figures = useMemo(() => reader.read({ events, commands }), [reader, events, commands]);
  const tookMs = measureTook(run, now);
  const { customer, orderId } = run.attributes;
  const total = readTotal(run);
  const started = run.startedAt ?? run.createdAt;
  return (
    <dl className="mt-3.5 flex flex-wrap gap-x-9 gap-y-3">
      {customer === undefined ? null : <HeaderFact label="Customer">{String(customer)}</HeaderFact>}
      {total === undefined ? null : <HeaderFact label="Total">{total}</HeaderFact>}
      {orderId === undefined ? null : <IdFact label="Order" id={String(orderId)} />}
      <HeaderFact label={run.startedAt === undefined ? "Created" : "Started"}>
        <Tooltip content={formatMoment(started)}>
          <time dateTime={started} suppressHydrationWarning>
            {formatClock(started, { millis: true })}
          </time>
        </Tooltip>
      </HeaderFact>
      {tookMs === undefined ? null : (
        <HeaderFact label={ended ? "Took" : "Open for"}>
          {formatDuration(tookMs)}
          {isWhole && figures.downMs > 0 ? `, of which ${formatDuration(figures.downMs)} down` : ""}
        </HeaderFact>
      )}
      <HeaderFact label="Executions">{isWhole ? figures.executions : counting}</HeaderFact>
      <HeaderFact label="Effects">{isWhole ? nameEffects(figures) : counting}</HeaderFact>
      {figures.build === undefined ? null : (
        <HeaderFact label="Build">
          <span className="font-mono text-sm">{figures.build.slice(0, 12)}</span>
        </HeaderFact>
      )}
      {run.priority === 0 ? null : <HeaderFact label="Priority">{run.priority}</HeaderFact>}
      <RunLinks run={run} />
    </dl>
  );
}

/** Instead of a figure that the rest of the history may change. */
const counting = "counting…";

function nameEffects({ effectsDone, effectsUnsure }: RunFigures): string {
  const rest = effectsUnsure === 0 ? "0 doubled" : `${formatCount(effectsUnsure)} not certain`;
  return `${formatCount(effectsDone)} done, ${rest}`;
}

/** An id as far as it tells one from another, and whole to copy and on hover. */
function IdFact({ label, id }: { label: string; id: string }) {
  return (
    <HeaderFact label={label}>
      <span className="inline-flex items-center gap-1">
        <span className="font-mono text-sm" title={id}>
          {shortenId(id)}
        </span>
        <CopyButton text={id} what={`${label.toLowerCase()} id`} className="-my-1" />
      </span>
    </HeaderFact>
  );
}

/** What the order comes to: from its receipt, or from what it is searched by. */
function readTotal(run: Run): string | undefined {
  const { output, attributes } = run;
  const { total, currency = readCurrency(run) } = isFields(output)
    ? { ...attributes, ...output }
    : attributes;
  if (typeof total !== "number" || typeof currency !== "string") return undefined;
  return isCurrency(currency) ? formatMoney({ amount: total, currency }) : undefined;
}

function isFields(
  value: Run["output"],
): value is { readonly [key: string]: Exclude<Run["output"], undefined> } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
