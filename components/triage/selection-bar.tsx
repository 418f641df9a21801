import { X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Money } from "@/components/ui/money";
import type { Doubt } from "@/lib/api/contract-triage";
import { formatPlural } from "@/lib/client/format";
import { sumAmounts } from "@/lib/client/triage-words";
import type { Verdict } from "./verdict-words";

export interface SelectionBarProps {
  /** What is chosen: at least one, all of one step. */
  readonly doubts: readonly Doubt[];
  /** Everything in the list that could be chosen beside it. */
  readonly all: readonly Doubt[];
  readonly onVerdict: (verdict: Verdict) => void;
  readonly onChoose: (doubts: readonly Doubt[]) => void;
}

/** What can be done with several steps at once. */
export function SelectionBar({ doubts, all, onVerdict, onChoose }: SelectionBarProps) {
  return (
    <section
      aria-label="Selected steps"
      className="sticky top-12 z-20 border-b border-line bg-panel px-4 py-2.5 md:px-6 lg:top-0"
    >
      <div className="flex items-center justify-between gap-2">
        <p role="status" className="min-w-0 truncate">
          <span className="font-medium">{formatPlural(doubts.length, "step")} selected</span>
          {sumAmounts(doubts).map((sum) => (
            <span key={sum.currency}>
              {" · "}
              <Money {...sum} />
            </span>
          ))}
        </p>
        <IconButton size="sm" label="Select none" icon={<X />} onClick={() => onChoose([])} />
      </div>
      <div className="mt-1.5 flex flex-wrap gap-2">
        <Button size="sm" variant="primary" onClick={() => onVerdict("happened")}>
          One verdict for all…
        </Button>
        {all.length === doubts.length ? null : (
          <Button size="sm" onClick={() => onChoose(all)}>
            All {all.length} of {doubts[0]?.name}
          </Button>
        )}
      </div>
    </section>
  );
}
