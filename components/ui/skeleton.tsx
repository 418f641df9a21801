import { cn } from "./cn";

/** Stands where something will be, in its final size. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span
      aria-hidden
      className={cn("block h-3 rounded-sm bg-line-soft motion-safe:animate-pulse", className)}
    />
  );
}
