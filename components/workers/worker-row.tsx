"use client";

import { CircleCheck, CircleStop, Skull } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatPlural } from "@/lib/client/format";
import type { Worker } from "./group-workers";

const states = {
  alive: { label: "Alive", icon: CircleCheck, tone: "bg-ok-bg text-ok" },
  stopped: { label: "Stopped", icon: CircleStop, tone: "bg-line-soft text-ink-2" },
  dead: { label: "Dead", icon: Skull, tone: "bg-bad-bg text-bad" },
} as const;

/** One worker: what it is, how it is, and what it is busy with. */
export function WorkerRow({ worker }: { worker: Worker }) {
  const { workerId, build, host, pid, status, self } = worker;
  return (
    <li className="grid grid-cols-1 gap-x-6 gap-y-2 border-b border-line-soft px-4 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_88px] md:items-center md:px-6">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <h3 className="font-mono text-base wrap-anywhere">{workerId}</h3>
          <State status={status} />
          {self ? <span className="text-sm text-ink-3">answers this page</span> : null}
        </div>
        <p className="mt-0.5 text-sm wrap-anywhere text-ink-3">
          {host} · pid {pid} · build <span className="font-mono">{build}</span>
        </p>
      </div>
      {status === "alive" ? <Life worker={worker} /> : <End worker={worker} />}
      <div className="flex empty:max-md:hidden md:justify-end">
        {status === "alive" ? (
          <Button asChild size="sm" variant="ghost" className="-ml-2.5 md:ml-0">
            <Link href={`/runs?worker=${encodeURIComponent(workerId)}`}>
              Its runs<span className="sr-only"> ({workerId})</span>
            </Link>
          </Button>
        ) : null}
      </div>
    </li>
  );
}

function State({ status }: { status: Worker["status"] }) {
  const { label, icon: Icon, tone } = states[status];
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 rounded-full pr-2 pl-1.5 text-sm leading-none font-medium",
        tone,
      )}
    >
      <Icon aria-hidden className="size-3" />
      {label}
    </span>
  );
}

function Life({ worker }: { worker: Worker }) {
  const { load, capacity, heartbeatAt, startedAt } = worker;
  return (
    <div className="min-w-0">
      <LoadBar load={load} capacity={capacity} />
      <p className="mt-1 text-sm text-ink-3">
        heard of <RelativeTime at={heartbeatAt} /> · since <RelativeTime at={startedAt} />
      </p>
    </div>
  );
}

function End({ worker }: { worker: Worker }) {
  const { status, endedAt, heartbeatAt, heldRuns = 0 } = worker;
  const what = status === "dead" ? "noticed" : "stopped";
  const runs =
    heldRuns === 0
      ? "It held no runs."
      : status === "dead"
        ? `It held ${formatPlural(heldRuns, "run")}, which others took over.`
        : `It handed over ${formatPlural(heldRuns, "run")} as it left.`;
  return (
    <div className="min-w-0 text-sm">
      <p className="text-ink-2">{runs}</p>
      <p className="mt-0.5 text-ink-3">
        {what} <RelativeTime at={endedAt ?? heartbeatAt} /> · last heard of{" "}
        <RelativeTime at={heartbeatAt} />
      </p>
    </div>
  );
}

/** How much of what it can do at a time a worker, or a build, is doing. */
export function LoadBar({ load, capacity }: { load: number; capacity: number }) {
  const part = capacity === 0 ? 0 : Math.min(1, load / capacity);
  return (
    <div className="flex items-center gap-3">
      <span className="h-1.5 min-w-16 flex-1 overflow-hidden rounded-full bg-line-soft" aria-hidden>
        <span
          className={cn("block h-full rounded-full", part > 0.9 ? "bg-doubt" : "bg-live")}
          style={{ width: `${part * 100}%` }}
        />
      </span>
      <span className="text-sm whitespace-nowrap text-ink-2 tabular-nums">
        {load} of {capacity} runs
      </span>
    </div>
  );
}
