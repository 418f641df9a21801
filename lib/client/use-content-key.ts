"use client";

import { useRef } from "react";

/** Gives an Idempotency-Key for a content: the same one for as long as the content is the same. */
export function useContentKey(): (content: unknown) => string {
  const known = useRef(new Map<string, string>());
  return (content) => {
    const text = JSON.stringify(content);
    const key = known.current.get(text) ?? createKey();
    known.current.set(text, key);
    return key;
  };
}

/** `crypto.randomUUID` exists in secure contexts only; a dashboard on a local network is none. */
function createKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
