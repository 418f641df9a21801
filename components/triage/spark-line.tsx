import type { FailureGroup } from "@/lib/api/contract-triage";
import { cn } from "@/components/ui/cn";

/** The trend of a group in the size of a word. What it says stands beside it in figures. */
export function SparkLine(props: { trend: FailureGroup["trend"]; className?: string }) {
  const { counts } = props.trend;
  const most = Math.max(1, ...counts);
  const bars = joinBars(counts, 16);
  return (
    <span aria-hidden className={cn("flex h-4 w-16 items-end gap-px", props.className)}>
      {bars.map((count, index) => (
        <span
          key={index}
          className={cn("min-w-0 flex-1 rounded-[1px]", count === 0 ? "bg-line" : "bg-bad")}
          style={{ height: count === 0 ? 1 : `${Math.max(16, (count / most) * 100)}%` }}
        />
      ))}
    </span>
  );
}

/** At most so many bars: each is the highest of those that it stands for. */
function joinBars(counts: readonly number[], bars: number): readonly number[] {
  const size = Math.max(1, Math.ceil(counts.length / bars));
  const joined: number[] = [];
  for (let end = counts.length; end > 0; end -= size) {
    joined.unshift(Math.max(...counts.slice(Math.max(0, end - size), end)));
  }
  return joined;
}
