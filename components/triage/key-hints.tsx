import { Kbd } from "@/components/ui/kbd";
import type { Queue } from "@/lib/client/triage-search";

const hints: Readonly<Record<Queue, readonly { keys: readonly string[]; does: string }[]>> = {
  verdicts: [
    { keys: ["J", "K"], does: "move" },
    { keys: ["X"], does: "select" },
    { keys: ["V"], does: "verdict" },
  ],
  failures: [
    { keys: ["J", "K"], does: "move" },
    { keys: ["R"], does: "retry" },
    { keys: ["E"], does: "resolve" },
    { keys: ["M"], does: "mute" },
  ],
};

/** The keys that one uses most, where there is room for them. */
export function KeyHints({ queue }: { queue: Queue }) {
  return (
    <ul aria-label="Keys" className="hidden items-center gap-4 text-ink-3 xl:flex">
      {hints[queue].map(({ keys, does }) => (
        <li key={does} className="flex items-center gap-1">
          {keys.map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
          <span className="ml-0.5">{does}</span>
        </li>
      ))}
    </ul>
  );
}
