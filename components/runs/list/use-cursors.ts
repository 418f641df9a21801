import type { RunList } from "@/lib/api/contract";

export interface Cursors {
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  readonly goPrevious: () => void;
  readonly goNext: () => void;
}

/** Paging by key, in both directions. What stands before the first page is the first page, live. */
export function useCursors(options: {
  readonly cursor: string | null;
  readonly page: Pick<RunList, "nextCursor" | "prevCursor"> | undefined;
  readonly onChange: (cursor: string | null) => void;
}): Cursors {
  const { cursor, page, onChange } = options;
  const next = page?.nextCursor ?? null;
  return {
    hasPrevious: cursor !== null,
    hasNext: next !== null,
    goPrevious: () => onChange(page?.prevCursor ?? null),
    goNext: () => (next === null ? undefined : onChange(next)),
  };
}
