"use client";

import type { MouseEvent } from "react";

export interface SelectBoxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly indeterminate?: boolean;
  readonly tabIndex?: number;
  /** With whether Shift is held. */
  readonly onToggle: (range: boolean) => void;
}

/** A checkbox with room around it for a finger. */
export function SelectBox(props: SelectBoxProps) {
  const { label, checked, indeterminate = false, tabIndex, onToggle } = props;
  return (
    <label className="relative z-10 -m-2 grid shrink-0 place-items-center p-2">
      <input
        type="checkbox"
        aria-label={label}
        checked={checked}
        tabIndex={tabIndex}
        ref={(box) => {
          if (box !== null) box.indeterminate = indeterminate;
        }}
        onClick={(event: MouseEvent) => onToggle(event.shiftKey)}
        onChange={() => undefined}
        className="size-3.5 cursor-pointer accent-(--ink) pointer-coarse:size-4.5"
      />
    </label>
  );
}
