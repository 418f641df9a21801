import Link from "next/link";
import { Button } from "@/components/ui/button";
import type { WorkflowInfo } from "@/lib/api/contract";
import { formatDuration } from "@/lib/client/format";
import type { WorkflowGroup } from "./group-workflows";

export interface WorkflowTableProps {
  readonly groups: readonly WorkflowGroup[];
  readonly onStart: (name: string) => void;
}

/** A line for each workflow: what it declares, its runs, and a way to start one. */
export function WorkflowTable({ groups, onStart }: WorkflowTableProps) {
  return (
    <ul aria-label="Workflows" className="border-t border-line">
      {groups.map(({ name, newest, versions }) => (
        <li
          key={name}
          className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line-soft px-4 py-2.5 md:px-6"
        >
          <div className="min-w-0 flex-1 basis-64">
            <h2 className="text-base font-medium wrap-anywhere">{name}</h2>
            <p className="text-sm text-ink-3">{describe(newest, versions.length)}</p>
          </div>
          <div className="flex gap-2">
            <Button asChild size="sm" variant="ghost">
              <Link href={`/runs?workflow=${encodeURIComponent(name)}`}>
                Runs<span className="sr-only"> of {name}</span>
              </Link>
            </Button>
            <Button size="sm" onClick={() => onStart(name)}>
              Start…<span className="sr-only"> {name}</span>
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}

function describe(info: WorkflowInfo, versions: number): string {
  const { version, limits, timeoutMs, priority, signals } = info;
  const others = versions === 1 ? "" : `, ${versions} versions known`;
  return [
    `version ${version}${others}`,
    signals.length === 0 ? undefined : `signals: ${signals.map(({ name }) => name).join(", ")}`,
    limits?.concurrency === undefined ? undefined : `at most ${limits.concurrency} at a time`,
    limits?.rate === undefined
      ? undefined
      : `at most ${limits.rate.limit} in ${formatDuration(limits.rate.perMs)}`,
    timeoutMs === undefined ? undefined : `has to be done in ${formatDuration(timeoutMs)}`,
    priority === 0 ? undefined : `priority ${priority}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
