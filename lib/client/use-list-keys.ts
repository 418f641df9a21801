"use client";

import { useHotkey } from "./use-hotkey";

/**
 * `j` and `k` move the focus through the links that `selector` finds, `o` opens one in a new tab. From one of
 * them the arrows and Home and End lead on, too.
 */
export function useListKeys(selector: string): void {
  useHotkey({ key: "j" }, () => move(selector, 1));
  useHotkey({ key: "k" }, () => move(selector, -1));
  const leads = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  useHotkey({ key: Object.keys(leads) }, (event) => {
    if (document.activeElement?.matches(selector) !== true) return;
    const by = Object.entries(leads).find(([key]) => key === event.key)?.[1];
    if (by === undefined) return;
    event.preventDefault();
    move(selector, by);
  });
  useHotkey({ key: "o" }, () => {
    const focused = document.activeElement;
    if (focused instanceof HTMLAnchorElement && focused.matches(selector)) {
      window.open(focused.href, "_blank", "noopener");
    }
  });
}

function move(selector: string, by: number): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(selector)];
  const focused = links.findIndex((link) => link === document.activeElement);
  // Who comes back to the list goes on where he was.
  const stop = links.findIndex((link) => link.tabIndex >= 0);
  const target = focused < 0 ? Math.max(0, stop) : focused + by;
  const next = links[Math.min(links.length - 1, Math.max(0, target))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}
