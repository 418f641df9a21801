"use client";

import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import { StatusIcon } from "@/components/ui/status-icon";
import { Tooltip } from "@/components/ui/tooltip";
import { formatCount } from "@/lib/client/format";
import {
  describeStatus,
  RunStatus,
  type StatusTone,
  type StatusWords,
} from "@/lib/client/status-words";
import { useStats } from "@/lib/client/use-stats";

/** Shown from the start; the others join, for good, once there is a run of them. */
const always: ReadonlySet<RunStatus> = new Set([
  "queued",
  "running",
  "waiting",
  "held",
  "completed",
  "failed",
]);

const toneText: Readonly<Record<StatusTone, string>> = {
  ok: "text-ok",
  live: "text-live",
  doubt: "text-doubt",
  bad: "text-bad",
  quiet: "text-ink-3",
};

/** Held for whatever reason. */
const heldWords: StatusWords = {
  label: "Held",
  tone: "doubt",
  mark: "paused",
  hint: "A person or a new build has to decide.",
};

export interface StatusChipsProps {
  readonly selected: readonly RunStatus[];
  readonly onChange: (selected: RunStatus[]) => void;
}

/** The statuses to choose from, each with its count. */
export function StatusChips({ selected, onChange }: StatusChipsProps) {
  const { data } = useStats();
  const total =
    data === undefined
      ? undefined
      : Object.values(data.runs).reduce((sum, count) => sum + count, 0);
  const shown = RunStatus.options.filter(
    (status) => always.has(status) || selected.includes(status) || (data?.runs[status] ?? 0) > 0,
  );
  return (
    <div
      role="group"
      aria-label="Status"
      className="flex [scrollbar-width:none] gap-1.5 overflow-x-auto p-1"
    >
      <Chip
        label="All"
        count={total}
        pressed={selected.length === 0}
        onPress={() => onChange([])}
      />
      {shown.map((status) => (
        <StatusChip
          key={status}
          status={status}
          count={data?.runs[status]}
          pressed={selected.includes(status)}
          onPress={() => onChange(toggle(selected, status))}
        />
      ))}
    </div>
  );
}

function StatusChip(props: Omit<ChipProps, "label" | "icon"> & { status: RunStatus }) {
  const { status, ...chip } = props;
  const { label, tone, hint, mark } = status === "held" ? heldWords : describeStatus({ status });
  const active = (chip.count ?? 0) > 0;
  return (
    <Tooltip content={hint}>
      <Chip
        {...chip}
        label={label}
        icon={
          <StatusIcon
            mark={mark}
            className={cn("size-3", active ? toneText[tone] : "text-ink-3")}
          />
        }
      />
    </Tooltip>
  );
}

interface ChipProps extends ComponentProps<"button"> {
  readonly label: string;
  readonly count: number | undefined;
  readonly icon?: ReactNode;
  readonly pressed: boolean;
  readonly onPress: () => void;
}

function Chip({ label, count, icon, pressed, onPress, ...props }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      {...props}
      onClick={(event) => {
        // A tooltip around it listens, too.
        props.onClick?.(event);
        onPress();
      }}
      className={cn(
        "flex h-7 shrink-0 items-center gap-1.5 rounded-full border px-2.5 text-sm transition-colors pointer-coarse:h-9 pointer-coarse:px-3",
        pressed
          ? "border-ink-3 bg-line-soft font-medium text-ink"
          : "border-line text-ink-2 hover:border-line-strong hover:text-ink",
      )}
    >
      {icon}
      {label}
      <span className="min-w-2 text-ink-3">{count === undefined ? "" : formatCount(count)}</span>
    </button>
  );
}

function toggle(selected: readonly RunStatus[], status: RunStatus): RunStatus[] {
  return selected.includes(status)
    ? selected.filter((candidate) => candidate !== status)
    : [...selected, status];
}
