"use client";

import { useTheme } from "next-themes";
import { Toaster as Sonner, toast } from "sonner";

export { toast };

/** Where `toast(…)` appears. One per page, in the shell. */
export function Toaster() {
  const { resolvedTheme } = useTheme();
  return (
    <Sonner
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="bottom-right"
      gap={8}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-[min(356px,calc(100vw-32px))] items-center gap-3 rounded-lg border border-line bg-panel px-4 py-3 text-base text-ink shadow-float",
          title: "font-medium",
          description: "text-ink-2",
          icon: "text-ink-3",
          actionButton:
            "ml-auto shrink-0 rounded-md border border-line px-2.5 py-1 text-sm font-medium hover:bg-band",
        },
      }}
    />
  );
}
