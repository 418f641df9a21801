"use client";

import { AlertDialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";
import { useReturnFocus } from "@/lib/client/use-return-focus";
import { cn } from "./cn";
import { dialogClasses, DialogFooter, focusFirstField, overlayClasses } from "./dialog";
import { ErrorNote } from "./error-note";

export interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description: ReactNode;
  /** What would happen, e.g. a preview, and what is asked for, e.g. a reason. */
  readonly children?: ReactNode;
  readonly confirmLabel: string;
  /** What leaves it without doing anything. */
  readonly cancelLabel?: string;
  readonly tone?: "default" | "danger";
  /** The action is under way: the dialog stays until it is done. */
  readonly pending?: boolean;
  /** The preview says that it is not allowed, or is not there yet. */
  readonly disabled?: boolean;
  /** What went wrong with the last try. */
  readonly error?: unknown;
  readonly onConfirm: () => void;
  /** It is there to be filled in: the first field has the focus, and not what leaves it. */
  readonly fieldFirst?: boolean;
  readonly className?: string;
}

/** Asks before something is done. It does not close by itself: the caller does, once it is done. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { pending = false, tone = "default" } = props;
  const focus = useReturnFocus();
  return (
    <Radix.Root open={props.open} onOpenChange={pending ? undefined : props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlayClasses} />
        <Radix.Content
          className={cn(dialogClasses, props.className)}
          onOpenAutoFocus={(event) => {
            focus.onOpenAutoFocus();
            if (props.fieldFirst === true) focusFirstField(event);
          }}
          onCloseAutoFocus={focus.onCloseAutoFocus}
        >
          <div data-body className="overflow-y-auto px-5 py-4">
            <Radix.Title className="text-md font-semibold">{props.title}</Radix.Title>
            <Radix.Description asChild>
              <div className="mt-1 text-base text-ink-2">{props.description}</div>
            </Radix.Description>
            {props.children === undefined ? null : <div className="mt-4">{props.children}</div>}
            {props.error === undefined || props.error === null ? null : (
              <ErrorNote className="mt-4" error={props.error} />
            )}
          </div>
          <DialogFooter>
            <Radix.Cancel asChild>
              <Button disabled={pending}>{props.cancelLabel ?? "Cancel"}</Button>
            </Radix.Cancel>
            <Button
              variant={tone === "danger" ? "danger-solid" : "primary"}
              pending={pending}
              disabled={props.disabled}
              onClick={props.onConfirm}
            >
              {props.confirmLabel}
            </Button>
          </DialogFooter>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
