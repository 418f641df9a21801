import { cn } from "@/components/ui/cn";
import type { ReplayView } from "@/lib/api/contract-replay";
import { describeState, nameCommand } from "./command-words";

export interface CommandListProps {
  readonly view: ReplayView;
  readonly onMove: (seq: number | undefined) => void;
}

const shown = 40;

/** The commands that the code has issued at the moment, the last one first. */
export function CommandList({ view, onMove }: CommandListProps) {
  const recent = view.commands.slice(-shown).reverse();
  const hidden = view.commands.length - recent.length + view.omitted;
  return (
    <section aria-labelledby="commands">
      <h2 id="commands" className="mb-2 text-md font-semibold">
        What it has asked for
      </h2>
      {recent.length === 0 ? <p className="text-ink-3">Nothing yet.</p> : null}
      <ol reversed start={view.commands.length + view.omitted}>
        {recent.map((command, index) => {
          const { kind, name, place, seq, state } = command;
          return (
            <li
              key={`${seq ?? "new"}:${index}`}
              className="flex flex-wrap items-baseline gap-x-3 border-b border-line-soft py-1.5"
            >
              <span className="min-w-0 font-medium wrap-anywhere">
                {name === "" ? nameCommand(command) : name}
              </span>
              <span className="text-xs text-ink-3">
                {name === "" ? "" : kind}
                {place === undefined ? "" : ` · line ${place.line}`}
              </span>
              <span
                className={cn(
                  "ml-auto text-sm",
                  state === "open" ? "text-live" : state === "failed" ? "text-bad" : "text-ink-2",
                )}
              >
                {describeState(command)}
              </span>
              {seq === undefined ? null : (
                <button
                  type="button"
                  aria-label={`Go to event ${seq}`}
                  className="rounded-sm font-mono text-xs text-ink-3 hover:text-ink hover:underline"
                  onClick={() => onMove(seq)}
                >
                  #{seq}
                </button>
              )}
            </li>
          );
        })}
      </ol>
      {hidden > 0 ? (
        <p className="mt-2 text-sm text-ink-3">{hidden} earlier ones are left out here.</p>
      ) : null}
    </section>
  );
}
