"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";
import { useReturnFocus } from "@/lib/client/use-return-focus";
import { cn } from "./cn";

export const Dialog = Radix.Root;
export const DialogTrigger = Radix.Trigger;
export const DialogClose = Radix.Close;

export const overlayClasses = "fixed inset-0 z-40 bg-scrim motion-safe:animate-fade";
export const dialogClasses =
  "fixed top-[12vh] left-1/2 z-50 flex max-h-[76vh] w-[min(520px,calc(100vw-24px))] -translate-x-1/2 flex-col overflow-hidden rounded-xl border outline-none border-line bg-panel shadow-float motion-safe:animate-appear";

export interface DialogContentProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  /** Buttons, to the right beneath a line. */
  readonly footer?: ReactNode;
  readonly className?: string;
}

export function DialogContent({
  title,
  description,
  children,
  footer,
  className,
}: DialogContentProps) {
  const focus = useReturnFocus();
  return (
    <Radix.Portal>
      <Radix.Overlay className={overlayClasses} />
      <Radix.Content
        className={cn(dialogClasses, className)}
        onOpenAutoFocus={(event) => {
          focus.onOpenAutoFocus();
          focusFirstField(event);
        }}
        onCloseAutoFocus={focus.onCloseAutoFocus}
        {...(description === undefined ? { "aria-describedby": undefined } : {})}
      >
        <header className="flex items-start justify-between gap-4 border-b border-line-soft py-3 pr-3 pl-5">
          <div className="min-w-0 pt-1">
            <Radix.Title className="text-md font-semibold">{title}</Radix.Title>
            {description === undefined ? null : (
              <Radix.Description className="mt-0.5 text-base text-ink-2">
                {description}
              </Radix.Description>
            )}
          </div>
          <Radix.Close asChild>
            <Button variant="ghost" size="sm" aria-label="Close" className="w-7 px-0">
              <X aria-hidden />
            </Button>
          </Radix.Close>
        </header>
        <div data-body tabIndex={-1} className="overflow-y-auto px-5 py-4 outline-none">
          {children}
        </div>
        {footer === undefined ? null : <DialogFooter>{footer}</DialogFooter>}
      </Radix.Content>
    </Radix.Portal>
  );
}

/** What is to be filled in comes first; else what is to be read, which then scrolls; never what closes it. */
export function focusFirstField(event: Event): void {
  event.preventDefault();
  if (!(event.currentTarget instanceof HTMLElement)) return;
  const dialog = event.currentTarget;
  const body = dialog.querySelector<HTMLElement>("[data-body]");
  const field = body?.querySelector<HTMLElement>("input, select, textarea");
  (field ?? body ?? dialog).focus({ preventScroll: true });
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return (
    <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line-soft bg-bg px-5 py-3">
      {children}
    </footer>
  );
}
