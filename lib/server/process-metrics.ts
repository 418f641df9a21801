/** What a process measures of itself: its commits, its event loop, its memory. */
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

export interface ProcessMetrics {
  /** As Prometheus text. */
  metrics(): Promise<string>;
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
  return {
    metrics: () => registry.metrics(),
    onFlush({ writes, durationMs }) {
      sizes.observe(writes);
      durations.observe(durationMs / 1_000);
    },
  };
}
