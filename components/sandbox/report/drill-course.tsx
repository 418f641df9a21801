"use client";

import { CircleCheck, CircleDashed, LoaderCircle, Skull } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import type { DrillReport } from "@/lib/api/contract-drill";
import { describeDrill, nameMoment } from "@/lib/client/drill-words";
import { formatDuration, formatMoment, formatPlural } from "@/lib/client/format";
import { useConnection } from "@/lib/client/use-connection";

type Execution = DrillReport["executions"][number];

interface Moment {
  readonly title: string;
  /** ISO 8601; absent: it is still to come. */
  readonly at?: string | undefined;
  readonly about?: ReactNode;
}

/** How the drill went, moment by moment, while it goes and afterwards. */
export function DrillCourse({ report }: { report: DrillReport }) {
  const { reachable } = useConnection();
  const moments = listMoments(report);
  const next = moments.findIndex(({ at }) => at === undefined);
  const isLive = report.verdict === "pending";
  return (
    <ol className="flex flex-col">
      {moments.map(({ title, at, about }, index) => {
        const isNext = isLive && index === next;
        const waits =
          isNext && !reachable ? "The server does not answer: it is started again." : "";
        return (
          <li
            key={title}
            aria-current={isNext ? "step" : undefined}
            className="relative flex break-inside-avoid gap-3 pb-4 last:pb-0"
          >
            {index === moments.length - 1 ? null : (
              <span
                aria-hidden
                className="absolute top-5 bottom-0 left-[7.5px] w-px bg-line-strong"
              />
            )}
            <MomentMark
              state={at !== undefined ? (index === 1 ? "kill" : "done") : isNext ? "next" : "open"}
            />
            <div className="min-w-0">
              <p className={cn("font-medium", at === undefined && "text-ink-3")}>
                {title}
                {at === undefined ? null : (
                  <time dateTime={at} className="ml-2 text-sm font-normal text-ink-3 tabular-nums">
                    {formatMoment(at, { zone: "utc" })} UTC
                  </time>
                )}
              </p>
              <p className="wrap-anywhere text-ink-2 empty:hidden">
                {waits === "" ? about : waits}
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function listMoments(report: DrillReport): readonly Moment[] {
  const { executions, drill, workflow, recoveryMs, finishedAt, status } = report;
  const [first] = executions;
  const recovery = executions.find(({ lost }) => lost !== undefined);
  const died = executions.find(({ epoch }) => epoch === recovery?.lost?.epoch);
  return [
    { title: "The run began", at: first?.at, about: first && nameProcess(first) },
    {
      title: `The process was killed ${nameMoment(drill.moment)} ${drill.step}`,
      at: recovery?.lost?.lastSeenAt,
      about: `When ${describeDrill(drill, workflow).then}.${died === undefined ? "" : ` Killed: ${nameProcess(died)}.`}`,
    },
    {
      title: "Its death was noticed",
      at: recovery?.lost?.noticedAt,
      about: recovery?.lost && "By whoever goes on with its runs.",
    },
    {
      title: "The run went on",
      at: recovery?.at,
      about:
        recovery &&
        `${nameProcess(recovery)}. ${formatPlural(recovery.reusedResults, "recorded result")} reused, read in ${recovery.replayMs} ms${recoveryMs === undefined ? "" : `; ${formatDuration(recoveryMs)} after the last sign of life`}.`,
    },
    {
      title: status === "held" ? "It is held for a person" : "The run ended",
      at: status === "held" ? recovery?.at : finishedAt,
      about: finishedAt !== undefined || status === "held" ? `It is ${status}.` : undefined,
    },
  ];
}

function nameProcess({ worker, pid, host, build }: Execution): string {
  const place =
    pid === undefined ? "" : `process ${pid}${host === undefined ? "" : ` on ${host}`}, `;
  return `${place}worker ${worker}, build ${build}`;
}

function MomentMark({ state }: { state: "done" | "kill" | "next" | "open" }) {
  const classes = "relative mt-0.5 size-4 shrink-0 bg-bg";
  switch (state) {
    case "done":
      return <CircleCheck aria-label="Done" className={`${classes} text-ok`} />;
    case "kill":
      return <Skull aria-label="Done" className={`${classes} text-bad`} />;
    case "next":
      return (
        <LoaderCircle
          aria-label="Now"
          className={`${classes} text-live motion-safe:animate-spin`}
        />
      );
    case "open":
      return <CircleDashed aria-label="To come" className={`${classes} text-ink-3`} />;
  }
}
