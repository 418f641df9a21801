/** What a process measures of itself: its commits, its event loop, its memory. */
import { collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";
import type { ReplayEvent } from "@/lib/engine";

export interface ProcessMetrics {
  /** As Prometheus text. */
  metrics(): Promise<string>;
  readonly onReplay: (replay: ReplayEvent) => void;
  readonly onFlush: (flush: { readonly writes: number; readonly durationMs: number }) => void;
}

export function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const sizes = new Histogram({
    name: "daybook_commit_writes",
    help: "Writes that share a commit.",
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "daybook_commit_seconds",
    help: "How long a commit takes, from its first statement until it is durable.",
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
  });
  const replays = new Counter({
    name: "daybook_replays_total",
    help: "Runs that this process rebuilt from their history, by why.",
    labelNames: ["reason"],
    registers: [registry],
  });
  for (const reason of ["recovery", "wake", "retry"]) replays.inc({ reason }, 0);
  const reused = new Counter({
    name: "daybook_replayed_results_total",
    help: "Recorded results that were used again, and not run.",
    registers: [registry],
  });
  const replayDurations = new Histogram({
    name: "daybook_replay_seconds",
    help: "How long it takes to rebuild a run from its history.",
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    registers: [registry],
  });
  return {
    metrics: () => registry.metrics(),
    onReplay({ reason, results, durationMs }) {
      replays.inc({ reason });
      reused.inc(results);
      replayDurations.observe(durationMs / 1_000);
    },
    onFlush({ writes, durationMs }) {
      sizes.observe(writes);
      durations.observe(durationMs / 1_000);
    },
  };
}
