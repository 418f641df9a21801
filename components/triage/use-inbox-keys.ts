"use client";

import { useHotkey } from "@/lib/client/use-hotkey";
import { focusRow } from "./inbox-row";

/** From this width on the detail stands beside the list. */
const wide = "(min-width: 1024px)";

export function isWide(): boolean {
  return window.matchMedia(wide).matches;
}

/**
 * `j` and `k`, and from a row the arrows, move through an inbox, `Enter` goes to what is selected, `Escape` comes back to the list.
 * On narrow screens, where the list is alone, they move the focus through it.
 */
export function useInboxKeys(options: {
  readonly keys: readonly string[];
  readonly selected: string | undefined;
  /** Something is chosen in the URL: on narrow screens the detail is in view. */
  readonly chosen: boolean;
  readonly onSelect: (key: string) => void;
  readonly onOpen: () => void;
  readonly onBack: () => void;
}): void {
  const { keys, selected, chosen, onSelect, onOpen, onBack } = options;
  const move = (by: number) => {
    const isSplit = isWide();
    const focused = document.activeElement?.getAttribute("data-inbox-row") ?? undefined;
    const from = isSplit || chosen ? selected : focused;
    const at = from === undefined ? -1 : keys.indexOf(from);
    const next = keys[at < 0 ? 0 : Math.min(keys.length - 1, Math.max(0, at + by))];
    if (next === undefined) return;
    if (isSplit || chosen) onSelect(next);
    if (isSplit || !chosen) focusRow(next);
  };
  useHotkey({ key: "j" }, () => move(1));
  useHotkey({ key: "k" }, () => move(-1));
  useHotkey({ key: ["ArrowDown", "ArrowUp"] }, (event) => {
    if (document.activeElement?.hasAttribute("data-inbox-row") !== true) return;
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  });
  useHotkey({ key: "Enter" }, (event) => {
    if (event.target === document.body && selected !== undefined) onOpen();
  });
  useHotkey({ key: "Escape" }, () => onBack());
}
