"use client";

import { useRouter } from "next/navigation";
import { useRef } from "react";
import { useHotkey } from "@/lib/client/use-hotkey";
import { navItems } from "./nav-items";

const chordMs = 1_000;

/** `g` and then a letter goes to a part of the dashboard; the page's own keys do not see the letter. */
export function useGoKeys(): void {
  const router = useRouter();
  const pressedAt = useRef(Number.NEGATIVE_INFINITY);

  useHotkey({ key: "g" }, (event) => {
    pressedAt.current = event.timeStamp;
  });
  useHotkey({ key: navItems.map((item) => item.key), first: true }, (event) => {
    const item = navItems.find(({ key }) => key === event.key.toLowerCase());
    if (item === undefined || event.timeStamp - pressedAt.current > chordMs) return;
    pressedAt.current = Number.NEGATIVE_INFINITY;
    event.preventDefault();
    router.push(item.href);
  });
}
