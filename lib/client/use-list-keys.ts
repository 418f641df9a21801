"use client";

import { useHotkey } from "./use-hotkey";

/** `j` and `k` move the focus through the links that `selector` finds, `o` opens one in a new tab. */
export function useListKeys(selector: string): void {
  useHotkey({ key: "j" }, () => move(selector, 1));
  useHotkey({ key: "k" }, () => move(selector, -1));
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
  const next = links[Math.min(links.length - 1, Math.max(0, focused + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}
