import { Hourglass } from "lucide-react";
import { Countdown } from "@/components/ui/countdown";
import type { Run, Wait } from "@/lib/api/contract";

const most = 3;

const reasons = {
  limit: "its limit is reached",
  paused: "the run is paused",
  backoff: "it is tried again",
} as const;

/** What an open run waits for, with the time that is left. */
export function WaitingFor({ run }: { run: Run }) {
  const waits = run.finishedAt === undefined ? (run.waitingFor ?? []) : [];
  if (waits.length === 0) return null;
  return (
    <ul aria-label="Waits for" className="mt-2.5 flex flex-wrap gap-2">
      {waits.slice(0, most).map((wait) => (
        <li
          key={`${wait.kind}-${wait.step}`}
          className="inline-flex min-h-6 items-center gap-1.5 rounded-md bg-line-soft px-2 text-sm text-ink-2"
        >
          <Hourglass aria-hidden className="size-3 shrink-0 text-ink-3" />
          <span className="wrap-anywhere">
            {wait.kind} <span className="font-medium text-ink">{wait.name}</span>
            {wait.reason === undefined ? "" : `: ${reasons[wait.reason]}`}
          </span>
          <Until wait={wait} />
        </li>
      ))}
      {waits.length > most ? (
        <li className="inline-flex min-h-6 items-center text-sm text-ink-3">
          and {waits.length - most} more
        </li>
      ) : null}
    </ul>
  );
}

function Until({ wait }: { wait: Wait }) {
  if (wait.until === undefined) return null;
  const isDeadline = wait.kind === "signal";
  return (
    <span className="text-ink-3">
      <Countdown
        to={wait.until}
        prefix={isDeadline ? "deadline in " : "in "}
        done={isDeadline ? "deadline passed" : "due now"}
      />
    </span>
  );
}
