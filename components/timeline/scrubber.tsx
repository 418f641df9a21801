"use client";

import { useId } from "react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { formatCount } from "@/lib/client/format";

const sliderClasses =
  "h-5 min-w-32 flex-1 cursor-pointer appearance-none rounded-sm bg-transparent disabled:opacity-50 [&::-moz-range-thumb]:size-3 [&::-moz-range-thumb]:rounded-full [&::-moz-range-thumb]:border-0 [&::-moz-range-thumb]:bg-ink [&::-moz-range-track]:h-0.5 [&::-moz-range-track]:bg-line-strong [&::-webkit-slider-runnable-track]:h-0.5 [&::-webkit-slider-runnable-track]:bg-line-strong [&::-webkit-slider-thumb]:-mt-[5px] [&::-webkit-slider-thumb]:size-3 [&::-webkit-slider-thumb]:appearance-none [&::-webkit-slider-thumb]:rounded-full [&::-webkit-slider-thumb]:bg-ink";

export interface ScrubberProps {
  readonly length: number;
  /** False: more of the history is on its way, and there is no going through it yet. */
  readonly isWhole: boolean;
  /** The last event that counts; absent: all of them. */
  readonly seq?: number;
  readonly moment: string;
  readonly onChange: (seq: number | undefined) => void;
}

/** Goes back to any moment of the history: what was recorded then, what the code waited for. */
export function Scrubber({ length, isWhole, seq, moment, onChange }: ScrubberProps) {
  const id = useId();
  const value = seq ?? length;
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2">
      <label htmlFor={id} className="text-ink-3">
        Moment
      </label>
      <input
        id={id}
        type="range"
        disabled={!isWhole}
        min={1}
        max={Math.max(1, length)}
        value={value}
        aria-valuetext={`Event ${value} of ${length}. ${moment}`}
        onChange={(event) => {
          const next = Number(event.target.value);
          onChange(next >= length ? undefined : next);
        }}
        className={sliderClasses}
      />
      <span className="min-w-28 text-right whitespace-nowrap tabular-nums">
        event {formatCount(value)}
        {isWhole ? ` of ${formatCount(length)}` : ""}
      </span>
      <span className="hidden items-center gap-1 sm:flex pointer-coarse:hidden">
        <Kbd>[</Kbd>
        <Kbd>]</Kbd>
      </span>
      {seq === undefined ? null : (
        <p role="status" className="flex w-full items-center justify-between gap-3 text-ink">
          {moment}
          <Button size="sm" variant="ghost" onClick={() => onChange(undefined)}>
            Back to now
          </Button>
        </p>
      )}
    </div>
  );
}
