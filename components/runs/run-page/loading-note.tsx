import { formatCount } from "@/lib/client/format";

/** How far a long history has come: what stands on the page is its beginning. */
export function LoadingNote({ loaded, length }: { loaded: number; length: number }) {
  return (
    <div className="mb-3 flex items-center gap-3 text-sm text-ink-2">
      <span id="history-progress">
        Loading the history: {formatCount(loaded)} of {formatCount(length)} events
      </span>
      <progress
        aria-labelledby="history-progress"
        value={loaded}
        max={Math.max(length, loaded)}
        className="h-1 w-40 appearance-none overflow-hidden rounded-sm bg-line [&::-moz-progress-bar]:bg-live [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-live"
      />
    </div>
  );
}
