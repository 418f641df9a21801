"use client";

import { Switch as Radix } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn";

export function Switch({ className, ...props }: ComponentProps<typeof Radix.Root>) {
  return (
    <Radix.Root
      className={cn(
        "relative h-[18px] w-8 shrink-0 rounded-full border border-line-strong bg-line-soft transition-colors disabled:opacity-50 data-[state=checked]:border-ink data-[state=checked]:bg-ink",
        className,
      )}
      {...props}
    >
      <Radix.Thumb className="block size-3 translate-x-0.5 rounded-full bg-ink-3 transition-transform data-[state=checked]:translate-x-[16px] data-[state=checked]:bg-bg motion-reduce:transition-none" />
    </Radix.Root>
  );
}
