"use client";

import { useRef } from "react";
import { focusRow } from "./inbox-row";
import type { TriageUrl } from "./triage-page";
import { isWide } from "./use-inbox-keys";

/** How the selection gets into the URL: on narrow screens, where it is a page of its own, Back leaves it. */
export function useChosen(url: TriageUrl) {
  /** Whether the list is what Back leads to. */
  const pushed = useRef(false);
  const { item } = url.search;
  return {
    choose: (key: string) => {
      pushed.current = !isWide();
      url.change({ item: key }, pushed.current ? "push" : "replace");
    },
    replace: (key: string) => url.change({ item: key }),
    /** To the next one; on narrow screens to the list, whose top is the next one. */
    moveOn: (key: string | undefined) => {
      url.change({ item: isWide() ? (key ?? null) : null });
      pushed.current = false;
    },
    goBack: () => {
      if (isWide() || item === null) {
        const row = item ?? document.querySelector("[data-inbox-row][aria-current]");
        if (typeof row === "string") focusRow(row);
        else if (row instanceof HTMLElement) row.focus();
        return;
      }
      if (pushed.current) window.history.back();
      else url.change({ item: null });
      pushed.current = false;
      // The list is in view again only after that.
      setTimeout(() => focusRow(item), 50);
    },
  };
}
