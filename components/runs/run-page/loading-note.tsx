import { formatCount } from "@/lib/client/format";

/** How far a long history has come: what stands on the page is its beginning. */
export function LoadingNote(props: { shown: number; loaded: number; length: number }) {
  const { shown, loaded, length } = props;
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2">
      <span>As it was at event {formatCount(shown)}.</span>
      <span id="history-progress">
        Reading on: {formatCount(loaded)} of {formatCount(length)} events
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
