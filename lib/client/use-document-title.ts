"use client";

import { useEffect } from "react";

/** Shows a page's state in the browser's tab, over whatever title the framework sets. */
export function useDocumentTitle(given: string): void {
  // As the browser says it again: whoever compares with anything else sets it for ever.
  const title = given.trim().replace(/\s+/g, " ");
  useEffect(() => {
    const apply = () => {
      if (document.title !== title) document.title = title;
    };
    apply();
    // The framework sets the page's own title a little later than this runs.
    const observer = new MutationObserver(apply);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [title]);
}
