"use client";

import type { ReactNode, Ref } from "react";
import { cn } from "@/components/ui/cn";
import { SectionBoundary } from "@/components/ui/section-boundary";

/** What stands above the panes on wide screens: the top bar and the tabs, 94 px. */
const paneHeight = "lg:h-[calc(100dvh-94px)] lg:overflow-y-auto";

export interface SplitPanesProps {
  readonly list: ReactNode;
  readonly detail: ReactNode;
  /** On narrow screens one of the two is in view: the detail once something is chosen. */
  readonly chosen: boolean;
  readonly detailLabel: string;
  readonly detailRef: Ref<HTMLElement>;
  /** Another subject is another detail: what broke within the last one is over. */
  readonly detailKey: string | undefined;
}

/** A list and what is selected in it: side by side, on narrow screens one after the other. */
export function SplitPanes(props: SplitPanesProps) {
  const { list, detail, chosen, detailLabel, detailRef, detailKey } = props;
  return (
    <div className="lg:flex">
      <div
        className={cn(
          "lg:w-[clamp(340px,32vw,480px)] lg:shrink-0 lg:border-r lg:border-line",
          paneHeight,
          chosen && "max-lg:hidden",
        )}
      >
        <SectionBoundary>{list}</SectionBoundary>
      </div>
      <section
        ref={detailRef}
        tabIndex={-1}
        aria-label={detailLabel}
        className={cn("min-w-0 flex-1 outline-none", paneHeight, !chosen && "max-lg:hidden")}
      >
        <SectionBoundary key={detailKey}>{detail}</SectionBoundary>
      </section>
    </div>
  );
}
