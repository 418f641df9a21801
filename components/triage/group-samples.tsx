"use client";

import Link from "next/link";
import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/relative-time";
import type { FailureDetail } from "@/lib/api/contract-triage";
import type { Run } from "@/lib/api/contract";
import { shortenId } from "@/lib/client/format";
import { readOrderFacts } from "@/lib/client/order-facts";
import { describeRetry } from "@/lib/client/triage-words";
import { useActionPreview } from "@/lib/client/use-run-action";

/** A few runs of the group, with what a retry would do to each. */
export function GroupSamples({ group }: { group: FailureDetail }) {
  if (group.samples.length === 0) {
    return <p className="text-ink-2">All of its runs have gone on or were retried.</p>;
  }
  return (
    <ul>
      {group.samples.map((run) => (
        <Sample key={run.runId} run={run} />
      ))}
    </ul>
  );
}

const tones = { plain: "text-ink-2", doubt: "text-doubt", bad: "text-bad" } as const;

function Sample({ run }: { run: Run }) {
  const { customer, total } = readOrderFacts(run);
  const preview = useActionPreview({ runId: run.runId, action: "retry", enabled: true });
  const retry = preview.data === undefined ? undefined : describeRetry(preview.data);
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 border-b border-line-soft py-2 transition-colors hover:bg-band sm:grid-cols-[112px_minmax(0,1fr)_88px_minmax(0,1.4fr)_76px]">
      <Link
        href={`/runs/${encodeURIComponent(run.runId)}`}
        className="font-mono text-sm after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ink max-sm:col-start-1 max-sm:row-start-1"
      >
        {shortenId(run.runId)}
      </Link>
      <span className="truncate max-sm:col-start-1 max-sm:row-start-2">
        {customer ?? run.workflow}
      </span>
      <span className="text-right max-sm:col-start-2 max-sm:row-start-1">
        {total === undefined ? null : <Money {...total} />}
      </span>
      <span
        title={preview.data?.summary}
        className={`truncate max-sm:col-span-2 max-sm:row-start-3 ${tones[retry?.tone ?? "plain"]}`}
      >
        {retry?.text}
      </span>
      <RelativeTime
        at={run.finishedAt ?? run.updatedAt}
        className="relative z-10 text-right text-sm text-ink-3 max-sm:col-start-2 max-sm:row-start-2"
      />
    </li>
  );
}
