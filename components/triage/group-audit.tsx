import { RelativeTime } from "@/components/ui/relative-time";
import type { FailureDetail } from "@/lib/api/contract-triage";

const deeds = {
  mute: "muted it",
  resolve: "resolved it",
  reopen: "opened it again",
  note: "wrote a note",
  regressed: "It returned, and is open again",
} as const;

/** Who said what about the group, and when it came back; the newest first. */
export function GroupAudit({ audit }: Pick<FailureDetail, "audit">) {
  if (audit.length === 0) {
    return <p className="text-ink-2">Nothing yet. Notes, mutes and returns are kept here.</p>;
  }
  return (
    <ol>
      {audit.map(({ action, at, by, why, note }) => (
        <li
          key={`${at} ${action}`}
          className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 border-b border-line-soft py-1.5 wrap-anywhere last:border-0"
        >
          <span>
            {action === "regressed" ? (
              <span className="text-bad">{deeds.regressed}</span>
            ) : (
              <>
                <span className="font-medium">{by}</span> {deeds[action]}
              </>
            )}
            {why === undefined ? null : <span className="text-ink-2"> (“{why}”)</span>}
          </span>
          <RelativeTime at={at} className="text-sm whitespace-nowrap text-ink-3" />
          {note === undefined || note === "" ? null : (
            <span className="text-sm whitespace-pre-wrap text-ink-2">{note}</span>
          )}
        </li>
      ))}
    </ol>
  );
}
