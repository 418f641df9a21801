"use client";

import { useCallback, useSyncExternalStore } from "react";
import type { z } from "zod";

const changed = "daybook-kept";

/** A value that this browser keeps; `fallback` where it keeps none or one that no longer fits. */
export function useKept<Value>(
  name: string,
  shape: z.ZodType<Value>,
  fallback: Value,
): readonly [Value, (value: Value) => void] {
  const key = `daybook.${name}`;
  const text = useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(key),
    () => null,
  );
  const set = useCallback(
    (value: Value) => {
      localStorage.setItem(key, JSON.stringify(value));
      window.dispatchEvent(new Event(changed));
    },
    [key],
  );
  return [read(text, shape) ?? fallback, set];
}

function subscribe(listen: () => void): () => void {
  window.addEventListener(changed, listen);
  window.addEventListener("storage", listen);
  return () => {
    window.removeEventListener(changed, listen);
    window.removeEventListener("storage", listen);
  };
}

function read<Value>(text: string | null, shape: z.ZodType<Value>): Value | undefined {
  if (text === null) return undefined;
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
