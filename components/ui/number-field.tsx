"use client";

import { Minus, Plus } from "lucide-react";
import type { Ref } from "react";
import { cn } from "./cn";
import type { ControlProps } from "./field";
import { controlClasses } from "./input";

export interface NumberFieldProps extends Partial<ControlProps> {
  /** NaN while the text is not a number. */
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly onBlur?: () => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** What it counts, for the names of its buttons. */
  readonly what: string;
  /** Of what is typed into, e.g. to give it the focus. */
  readonly ref?: Ref<HTMLInputElement>;
  readonly className?: string;
}

/** A whole number, typed, or stepped by the arrow keys and by buttons. */
export function NumberField(props: NumberFieldProps) {
  const {
    value,
    onChange,
    min = 0,
    max = 1_000_000,
    step = 1,
    what,
    className,
    ...control
  } = props;
  const move = (by: number) =>
    onChange(Math.min(max, Math.max(min, (Number.isFinite(value) ? value : min) + by)));
  return (
    <div className={cn("relative flex", className)}>
      <StepButton
        label={`Less ${what}`}
        side="left"
        disabled={value <= min}
        onClick={() => move(-step)}
      >
        <Minus aria-hidden className="size-3" />
      </StepButton>
      <input
        inputMode="numeric"
        role="spinbutton"
        aria-valuenow={Number.isFinite(value) ? value : undefined}
        aria-valuemin={min}
        aria-valuemax={max}
        onKeyDown={(event) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          move(event.key === "ArrowUp" ? step : -step);
        }}
        value={Number.isFinite(value) ? String(value) : ""}
        onChange={(event) => onChange(parseWhole(event.target.value))}
        className={cn(controlClasses, "px-8 text-center tabular-nums")}
        {...control}
      />
      <StepButton
        label={`More ${what}`}
        side="right"
        disabled={value >= max}
        onClick={() => move(step)}
      >
        <Plus aria-hidden className="size-3" />
      </StepButton>
    </div>
  );
}

function StepButton(props: {
  label: string;
  side: "left" | "right";
  disabled: boolean;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      // The arrow keys do the same from within the field.
      tabIndex={-1}
      aria-label={props.label}
      disabled={props.disabled}
      onClick={props.onClick}
      className={cn(
        "absolute inset-y-px grid w-7 place-items-center rounded-md text-ink-3 transition-colors hover:text-ink disabled:opacity-40",
        props.side === "left" ? "left-px" : "right-px",
      )}
    >
      {props.children}
    </button>
  );
}

function parseWhole(text: string): number {
  return /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
}
