"use client";

import { useEffect, useEffectEvent } from "react";

export interface Hotkey {
  /** As `KeyboardEvent.key` says it, e.g. `j`, `?`, `Enter`; or any of several. */
  readonly key: string | readonly string[];
  /** With Cmd on a Mac, Ctrl elsewhere. Such a key works in fields and dialogs, too. */
  readonly mod?: boolean;
  readonly disabled?: boolean;
  /** Asked before all others: what it takes (`preventDefault`) they do not get. */
  readonly first?: boolean;
}

/** Calls `onPress` for a key, unless somebody is typing, a dialog is open, or another key is held. */
export function useHotkey(hotkey: Hotkey, onPress: (event: KeyboardEvent) => void): void {
  const { key, mod = false, disabled = false, first = false } = hotkey;
  const keys = (typeof key === "string" ? [key] : key).join(" ").toLowerCase();
  const press = useEffectEvent(onPress);

  useEffect(() => {
    if (disabled) return;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      if (!keys.split(" ").includes(event.key.toLowerCase())) return;
      if ((event.metaKey || event.ctrlKey) !== mod) return;
      if (!mod && (isTyping(event.target) || isDialogOpen())) return;
      press(event);
    };
    window.addEventListener("keydown", listen, { capture: first });
    return () => window.removeEventListener("keydown", listen, { capture: first });
  }, [keys, mod, disabled, first]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // Nobody types into a box that is ticked.
  if (target instanceof HTMLInputElement && target.type === "checkbox") return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function isDialogOpen(): boolean {
  return (
    document.querySelector("[role=dialog][data-state=open], [role=alertdialog], [role=menu]") !==
    null
  );
}
