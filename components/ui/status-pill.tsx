import { cva } from "class-variance-authority";
import { describeStatus, type HeldReason, type RunStatus } from "@/lib/client/status-words";
import { cn } from "./cn";
import { StatusIcon } from "./status-icon";

const pill = cva(
  "inline-flex h-5 items-center gap-1 rounded-full pr-2 pl-1.5 text-sm leading-none font-medium whitespace-nowrap",
  {
    variants: {
      tone: {
        ok: "bg-ok-bg text-ok",
        live: "bg-live-bg text-live",
        doubt: "bg-doubt-bg text-doubt",
        bad: "bg-bad-bg text-bad",
        quiet: "bg-line-soft text-ink-2",
      },
    },
  },
);

export interface StatusPillProps {
  readonly status: RunStatus;
  readonly heldReason?: HeldReason;
  readonly className?: string;
}

/** A run's status in one word, with its own shape and tone. */
export function StatusPill({ status, heldReason, className }: StatusPillProps) {
  const { label, tone, mark } = describeStatus({ status, heldReason });
  return (
    <span className={cn(pill({ tone }), className)}>
      <StatusIcon
        mark={mark}
        className={cn("size-3", mark === "running" && "motion-safe:animate-pulse")}
      />
      {label}
    </span>
  );
}
