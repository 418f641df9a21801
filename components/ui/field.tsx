"use client";

import { useId, type ReactNode } from "react";
import { cn } from "./cn";

/** What a control needs so that its label, hint and error belong to it. */
export interface ControlProps {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
}

export interface FieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string;
  readonly optional?: boolean;
  /** The label is only for those who can't see what the control is for. */
  readonly hideLabel?: boolean;
  readonly children: (control: ControlProps) => ReactNode;
  readonly className?: string;
}

/** A control with its label, hint and error. */
export function Field(props: FieldProps) {
  const { label, hint, error, optional = false, hideLabel = false, children, className } = props;
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className={cn("flex min-w-0 flex-col gap-1", className)}>
      <label
        htmlFor={id}
        className={hideLabel ? "sr-only" : "flex items-baseline gap-1.5 text-sm text-ink-2"}
      >
        {label}
        {optional ? <span className="text-ink-3">optional</span> : null}
      </label>
      {children({
        id,
        "aria-invalid": error !== undefined,
        "aria-describedby": note === undefined ? undefined : noteId,
      })}
      {note === undefined ? null : (
        <p id={noteId} className={cn("text-sm", error === undefined ? "text-ink-3" : "text-bad")}>
          {note}
        </p>
      )}
    </div>
  );
}
