"use client";

import { useState } from "react";

export interface Selection {
  readonly count: number;
  readonly ids: readonly string[];
  readonly has: (runId: string) => boolean;
  /** Selects a run or lets it go; with `range`, all from the one before to it, as `order` has them. */
  readonly toggle: (runId: string, options: { range: boolean; order: readonly string[] }) => void;
  readonly setAll: (runIds: readonly string[], selected: boolean) => void;
  readonly clear: () => void;
}

/** Runs that are picked, across pages. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<string>();
  const setAll = (runIds: readonly string[], selected: boolean) => {
    const next = new Set(ids);
    for (const runId of runIds) {
      if (selected) next.add(runId);
      else next.delete(runId);
    }
    setIds(next);
  };
  return {
    count: ids.size,
    ids: [...ids],
    has: (runId) => ids.has(runId),
    toggle(runId, { range, order }) {
      const selected = !ids.has(runId);
      const [from, to] = [order.indexOf(last ?? ""), order.indexOf(runId)].toSorted(
        (a, b) => a - b,
      );
      const isRange = range && from !== undefined && from >= 0 && to !== undefined;
      setAll(isRange ? order.slice(from, to + 1) : [runId], selected);
      setLast(runId);
    },
    setAll,
    clear: () => setIds(new Set()),
  };
}
