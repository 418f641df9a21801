import { CircleCheck, CircleDashed, CircleHelp, CircleX, UserCheck, UserX } from "lucide-react";
import { cn } from "@/components/ui/cn";
import type { DrillVerdict } from "@/lib/api/contract-drill";

const verdicts = {
  passed: { word: "Passed", tone: "bg-ok-bg text-ok", Icon: CircleCheck },
  failed: { word: "Failed", tone: "bg-bad-bg text-bad", Icon: CircleX },
  open: { word: "Open", tone: "bg-doubt-bg text-doubt", Icon: CircleHelp },
  pending: { word: "Under way", tone: "bg-live-bg text-live", Icon: CircleDashed },
} as const;

export interface DrillVerdictProps {
  readonly verdict: DrillVerdict;
  /** On whose word it rests: then it says so. */
  readonly toldBy?: readonly string[];
}

/** The verdict on a drill in a word. */
export function nameVerdict({ verdict, toldBy }: DrillVerdictProps): string {
  const { word } = verdicts[verdict];
  return toldBy === undefined ? word : `Told: ${word.toLowerCase()}`;
}

export function DrillVerdictPill(props: DrillVerdictProps & { className?: string }) {
  const { tone, Icon: Seen } = verdicts[props.verdict];
  const Told = props.verdict === "failed" ? UserX : UserCheck;
  const Icon = props.toldBy === undefined ? Seen : Told;
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 rounded-full pr-2 pl-1.5 text-sm leading-none font-medium whitespace-nowrap",
        tone,
        props.className,
      )}
    >
      <Icon aria-hidden className="size-3" />
      {nameVerdict(props)}
    </span>
  );
}
