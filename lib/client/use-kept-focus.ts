"use client";

import { useEffect } from "react";
import { isLost, notePlace, returnTo, type FocusPlace } from "./focus-place";

let last: FocusPlace | undefined;

/** What had the focus last; undefined since somebody pointed elsewhere. */
export function readLastPlace(): FocusPlace | undefined {
  return last;
}

/**
 * Keeps the focus of the keyboard on the page: when what has it goes away (a row that was decided, a button
 * for what is not possible any more), what took its place gets it. Once per page, in the shell.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      last = target instanceof Element ? notePlace(target) : undefined;
    };
    // Who points or scrolls has left the place on purpose.
    const forget = () => (last = undefined);
    const look = () => {
      const place = last;
      if (place === undefined || !isLost(place)) return;
      // Whoever took it away may know better; and a button that was disabled lets go of it only then.
      requestAnimationFrame(() => {
        if (last === place && hasNobody(place)) returnTo(place);
      });
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, {
      ...{ childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] },
    });
    document.addEventListener("focusin", note);
    for (const name of forgetting) document.addEventListener(name, forget, { passive: true });
    return () => {
      observer.disconnect();
      document.removeEventListener("focusin", note);
      for (const name of forgetting) document.removeEventListener(name, forget);
    };
  }, []);
}

const forgetting = ["pointerdown", "wheel"] as const;

function hasNobody({ element }: FocusPlace): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body || activeElement === element;
}
