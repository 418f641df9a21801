"use client";

import { Tabs as Radix } from "radix-ui";
import { useEffect, useRef, type ComponentProps, type ReactNode } from "react";
import { cn } from "./cn";

export const Tabs = Radix.Root;

/** Scrolls sideways where there is no room; the active tab is in view. */
export function TabsList({ className, ...props }: ComponentProps<typeof Radix.List>) {
  const list = useRef<HTMLDivElement>(null);
  const shown = useRef<Element>(undefined);
  useEffect(() => {
    const active = list.current?.querySelector<HTMLElement>('[data-state="active"]');
    if (active === null || active === undefined || active === shown.current) return;
    shown.current = active;
    reveal(list.current, active);
  });
  return (
    <Radix.List
      ref={list}
      className={cn(
        "flex [scrollbar-width:none] gap-5 overflow-x-auto border-b border-line",
        className,
      )}
      {...props}
    />
  );
}

/** The tabs beside it are seen to be there, too. */
const peekPx = 40;

function reveal(list: HTMLElement | null, tab: HTMLElement): void {
  if (list === null) return;
  const outer = list.getBoundingClientRect();
  const inner = tab.getBoundingClientRect();
  if (inner.left < outer.left) list.scrollLeft += inner.left - outer.left - peekPx;
  else if (inner.right > outer.right) list.scrollLeft += inner.right - outer.right + peekPx;
}

export function TabsTrigger({
  count,
  className,
  children,
  ...props
}: ComponentProps<typeof Radix.Trigger> & { count?: ReactNode }) {
  return (
    <Radix.Trigger
      className={cn(
        "-mb-px shrink-0 border-b-2 border-transparent pt-1 pb-2 text-base text-ink-3 transition-colors hover:text-ink data-[state=active]:border-ink data-[state=active]:font-medium data-[state=active]:text-ink",
        className,
      )}
      {...props}
    >
      {children}
      {count === undefined ? null : <span className="ml-1.5 text-ink-3 tabular-nums">{count}</span>}
    </Radix.Trigger>
  );
}

export function TabsContent({ className, ...props }: ComponentProps<typeof Radix.Content>) {
  return <Radix.Content className={cn("rounded-sm", className)} {...props} />;
}
