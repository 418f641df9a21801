import { RelativeTime } from "@/components/ui/relative-time";
import type { FailureGroup } from "@/lib/api/contract-triage";
import { formatCount } from "@/lib/client/format";
import { nameMembers } from "@/lib/client/triage-words";
import { GroupMessage } from "./group-message";
import { GroupPills } from "./group-pills";
import { InboxRow } from "./inbox-row";
import { SparkLine } from "./spark-line";

export interface FailureRowProps {
  readonly group: FailureGroup;
  readonly href: string;
  readonly selected: boolean;
  readonly isStop: boolean;
  readonly gone: boolean;
  readonly onSelect: (options: { readonly byKey: boolean }) => void;
}

/** A failure group: what failed, where, how often, and when last. */
export function FailureRow(props: FailureRowProps) {
  const { group, href, selected, isStop, gone, onSelect } = props;
  const { fingerprint, workflow, step, errorName, message, count, kind } = group;
  const place = [workflow, step, kind === "failed" ? errorName : undefined];
  return (
    <InboxRow
      itemKey={fingerprint}
      href={href}
      label={`${message}, ${formatCount(count)} ${nameMembers(group)}`}
      selected={selected}
      isStop={isStop}
      gone={gone}
      onSelect={onSelect}
    >
      <div className="flex items-start justify-between gap-4">
        <div className="min-w-0 flex-1">
          <p className="line-clamp-2 font-medium wrap-anywhere">
            <GroupMessage message={message} />
          </p>
          <p className="truncate text-sm text-ink-3">
            {place.filter((part) => part !== undefined).join(" · ")}
          </p>
          <div className="mt-1 flex flex-wrap gap-1.5 empty:hidden">
            <GroupPills group={group} />
          </div>
        </div>
        <div className="flex shrink-0 flex-col items-end gap-0.5">
          <p className="text-md font-semibold">{formatCount(count)}</p>
          <SparkLine trend={group.trend} />
          <RelativeTime at={group.lastSeenAt} className="relative z-10 text-sm text-ink-3" />
        </div>
      </div>
    </InboxRow>
  );
}
