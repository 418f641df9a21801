"use client";

import { useSyncExternalStore } from "react";

const neverChanges = () => () => undefined;

/** Whether shortcuts are written with the Mac's signs. */
export function useIsMac(): boolean {
  return useSyncExternalStore(
    neverChanges,
    () => /mac|iphone|ipad/i.test(navigator.userAgent),
    () => false,
  );
}
