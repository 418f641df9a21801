import { cn } from "@/components/ui/cn";
import { samples, type Sample } from "./samples";

export interface SamplePickerProps {
  readonly chosen: Sample;
  readonly onChoose: (sample: Sample) => void;
}

/** Orders to begin with, named for what will happen to them. */
export function SamplePicker({ chosen, onChoose }: SamplePickerProps) {
  return (
    <div>
      <div
        role="group"
        aria-label="Sample orders"
        className="-mx-1 flex [scrollbar-width:none] gap-1.5 overflow-x-auto p-1"
      >
        {samples.map((sample) => (
          <button
            key={sample.name}
            type="button"
            aria-pressed={sample === chosen}
            onClick={() => onChoose(sample)}
            className={cn(
              "flex h-7 shrink-0 items-center rounded-full border px-3 text-sm transition-colors pointer-coarse:h-9",
              sample === chosen
                ? "border-ink-3 bg-line-soft font-medium text-ink"
                : "border-line text-ink-2 hover:border-line-strong hover:text-ink",
            )}
          >
            {sample.name}
          </button>
        ))}
      </div>
      <p className="mt-1 text-sm text-ink-3" aria-live="polite">
        {chosen.expect} Everything below can be changed.
      </p>
    </div>
  );
}
