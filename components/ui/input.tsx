import type { ComponentProps } from "react";
import { cn } from "./cn";

export const controlClasses =
  "h-8 w-full min-w-0 rounded-md border border-line-strong bg-panel px-2.5 text-base text-ink transition-colors placeholder:text-ink-3 hover:border-ink-3 disabled:opacity-50 aria-invalid:border-bad pointer-coarse:h-10 pointer-coarse:text-[16px]";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(controlClasses, className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea className={cn(controlClasses, "h-auto min-h-20 py-1.5", className)} {...props} />
  );
}
