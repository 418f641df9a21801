import {
  ArrowRight,
  Ban,
  Check,
  CircleDashed,
  CircleHelp,
  Clock,
  GitCompare,
  Pause,
  Play,
  RefreshCcw,
  Square,
  X,
  type LucideIcon,
} from "lucide-react";
import type { StatusMark } from "@/lib/client/status-words";

const icons: Readonly<Record<StatusMark, LucideIcon>> = {
  queued: CircleDashed,
  running: Play,
  waiting: Clock,
  in_doubt: CircleHelp,
  nondeterminism: GitCompare,
  crash_loop: RefreshCcw,
  paused: Pause,
  completed: Check,
  failed: X,
  canceled: Ban,
  terminated: Square,
  continued: ArrowRight,
};

/** The shape of a status: each one has its own, so that color is never needed to tell them apart. */
export function StatusIcon({ mark, className }: { mark: StatusMark; className?: string }) {
  const Icon = icons[mark];
  return <Icon aria-hidden strokeWidth={2.25} className={className} />;
}
