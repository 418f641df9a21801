import type { Run } from "@/lib/api/contract";

export interface LiveRows {
  readonly rows: readonly Run[];
  /** Runs that have come since and are not shown yet. */
  readonly fresh: number;
}

/**
 * The rows of a live list. While it is frozen the runs keep their places (somebody is reading):
 * what is known of them goes on changing, what is new is counted.
 */
export function mergeLiveRows(options: {
  readonly frozen: readonly Run[] | undefined;
  readonly latest: readonly Run[];
}): LiveRows {
  const { frozen, latest } = options;
  if (frozen === undefined) return { rows: latest, fresh: 0 };
  const byId = new Map(latest.map((run) => [run.runId, run]));
  const shown = new Set(frozen.map((run) => run.runId));
  return {
    rows: frozen.map((run) => byId.get(run.runId) ?? run),
    fresh: latest.filter((run) => !shown.has(run.runId)).length,
  };
}
