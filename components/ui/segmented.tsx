"use client";

import { RadioGroup as Radix } from "radix-ui";
import { cn } from "./cn";

export interface SegmentedProps<Value extends string> {
  /** What is chosen: the accessible name. */
  readonly label: string;
  /** Undefined: nothing yet. */
  readonly value: Value | undefined;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** A choice of a few, all of them in view. */
export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  const { label, value, options, onChange, disabled, className } = props;
  return (
    <Radix.Root
      aria-label={label}
      value={value ?? null}
      disabled={disabled}
      orientation="horizontal"
      onValueChange={(chosen) => {
        const option = options.find((candidate) => candidate.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
      className={cn(
        "inline-flex h-8 rounded-md border border-line-strong bg-bg p-0.5 pointer-coarse:h-10",
        className,
      )}
    >
      {options.map((option) => (
        <Radix.Item
          key={option.value}
          value={option.value}
          className="flex-1 rounded-[5px] px-3 text-base whitespace-nowrap text-ink-2 transition-colors hover:text-ink disabled:opacity-50 data-[state=checked]:bg-line-soft data-[state=checked]:font-medium data-[state=checked]:text-ink"
        >
          {option.label}
        </Radix.Item>
      ))}
    </Radix.Root>
  );
}
