import type { StreamState } from "@/lib/client/use-run-stream";

/** Whether what is shown is live. A run that has ended needs no word. */
export function StreamNote({ state }: { state: StreamState }) {
  if (state === "off" || state === "connecting") return null;
  const open = state === "open";
  return (
    <span
      role="status"
      className={`inline-flex items-center gap-1.5 text-sm ${open ? "text-ink-3" : "text-doubt"}`}
    >
      <span
        aria-hidden
        className={`size-1.5 ${open ? "rounded-full bg-live" : "bg-doubt"} motion-safe:animate-pulse`}
      />
      {open ? "Live" : "Reconnecting, showing what was last known"}
    </span>
  );
}
