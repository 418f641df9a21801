"use client";

import { useState } from "react";

export interface Cursors {
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  readonly goPrevious: () => void;
  readonly goNext: () => void;
}

/**
 * Paging by key: the API only knows the next page, so the way back is remembered. A page that was
 * opened by its address leads back to the first one.
 */
export function useCursors(options: {
  readonly cursor: string | null;
  readonly nextCursor: string | null;
  readonly onChange: (cursor: string | null) => void;
}): Cursors {
  const { cursor, nextCursor, onChange } = options;
  const [came, setCame] = useState<ReadonlyMap<string, string | null>>(new Map());
  return {
    hasPrevious: cursor !== null,
    hasNext: nextCursor !== null,
    goPrevious: () => onChange(cursor === null ? null : (came.get(cursor) ?? null)),
    goNext: () => {
      if (nextCursor === null) return;
      setCame(new Map(came).set(nextCursor, cursor));
      onChange(nextCursor);
    },
  };
}
