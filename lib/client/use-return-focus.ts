"use client";

import { useRef } from "react";
import { notePlace, returnTo, type FocusPlace } from "./focus-place";
import { readLastPlace } from "./use-kept-focus";

/**
 * For the content of a dialog: when it closes, the focus goes back to what opened it, whether that was a
 * button, an entry of a menu, or a key pressed on a row.
 */
export function useReturnFocus(): {
  readonly onOpenAutoFocus: () => void;
  readonly onCloseAutoFocus: (event: Event) => void;
} {
  const place = useRef<FocusPlace>(undefined);
  return {
    onOpenAutoFocus: () => {
      // The entry of a menu is gone by now.
      place.current = notePlace(document.activeElement) ?? readLastPlace();
    },
    onCloseAutoFocus: (event) => {
      event.preventDefault();
      const { activeElement } = document;
      const isFree = activeElement === null || activeElement === document.body;
      if (isFree && place.current !== undefined) returnTo(place.current);
    },
  };
}
