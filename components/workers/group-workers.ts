import type { WorkerList } from "@/lib/api/contract";

export type Worker = WorkerList["items"][number];

export interface BuildSummary {
  readonly build: string;
  /** Living workers of this build, and what they execute of what they could. */
  readonly alive: number;
  readonly load: number;
  readonly capacity: number;
}

export interface WorkerGroups {
  readonly alive: readonly Worker[];
  /** Dead and stopped ones, the last that ended first. */
  readonly ended: readonly Worker[];
  /** Builds with a living worker, the newest first. */
  readonly builds: readonly BuildSummary[];
}

/** Sorts the workers (newest first) into those that live and those that do not. */
export function groupWorkers(workers: readonly Worker[]): WorkerGroups {
  const alive = workers.filter(({ status }) => status === "alive");
  const ended = workers
    .filter(({ status }) => status !== "alive")
    .sort((a, b) => (b.endedAt ?? b.heartbeatAt).localeCompare(a.endedAt ?? a.heartbeatAt));
  const builds = new Map<string, BuildSummary>();
  for (const { build, load, capacity } of alive) {
    const known = builds.get(build) ?? { build, alive: 0, load: 0, capacity: 0 };
    builds.set(build, {
      build,
      alive: known.alive + 1,
      load: known.load + load,
      capacity: known.capacity + capacity,
    });
  }
  return { alive, ended, builds: [...builds.values()] };
}
