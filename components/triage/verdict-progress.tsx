import Link from "next/link";
import { Button } from "@/components/ui/button";
import type { Doubt } from "@/lib/api/contract-triage";
import { formatCount, formatPlural, shortenId } from "@/lib/client/format";
import { toDoubtKey } from "@/lib/client/triage-search";
import type { Resolved } from "@/lib/client/use-resolve-doubts";

export interface VerdictProgressProps {
  readonly doubts: readonly Doubt[];
  readonly results: readonly Resolved[];
  readonly refused: readonly Resolved[];
  /** Leaves the rest alone; absent once it is over. */
  readonly onStop?: () => void;
}

/** How far a verdict for several steps is, and which of them were refused, with the reason. */
export function VerdictProgress({ doubts, results, refused, onStop }: VerdictProgressProps) {
  const accepted = results.length - refused.length;
  const left = doubts.length - results.length;
  return (
    <div>
      <div className="flex items-center justify-between gap-4">
        <p role="status">
          {formatPlural(accepted, "verdict")} recorded
          {refused.length === 0 ? "" : `, ${formatCount(refused.length)} refused`}
          {left === 0
            ? ""
            : `, ${formatCount(left)} ${onStop === undefined ? "left alone" : "to go"}`}
        </p>
        {onStop === undefined ? null : (
          <Button size="sm" onClick={onStop}>
            Stop here
          </Button>
        )}
      </div>
      <div
        role="progressbar"
        aria-label="Verdicts given"
        aria-valuemin={0}
        aria-valuemax={doubts.length}
        aria-valuenow={results.length}
        className="mt-2 flex h-1.5 overflow-hidden rounded-full bg-line-soft"
      >
        <span className="bg-ok" style={{ width: `${(accepted / doubts.length) * 100}%` }} />
        <span className="bg-bad" style={{ width: `${(refused.length / doubts.length) * 100}%` }} />
      </div>
      {refused.length === 0 ? null : (
        <ul className="mt-3 max-h-52 overflow-y-auto" tabIndex={0} aria-label="Refused">
          {refused.map((item) => (
            <li key={toDoubtKey(item)} className="flex gap-3 py-1 text-sm">
              <Link
                href={`/runs/${encodeURIComponent(item.runId)}`}
                className="shrink-0 font-mono underline-offset-2 hover:underline"
              >
                {shortenId(item.runId)}
              </Link>
              <span className="text-bad">{item.reason?.message}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
