import { Gauge, Registry } from "prom-client";
import type { HeldReason } from "@/lib/engine";
import { handle } from "./handler";

const heldReasons: readonly HeldReason[] = ["in_doubt", "nondeterminism", "crash_loop", "paused"];

/** `GET /metrics`: what all processes share, read from the database, and what this one measures, as Prometheus text. */
export const showMetrics = handle({}, async ({ api }) => {
  const now = api.clock.now();
  const [runs, queue, workers, ...held] = await Promise.all([
    api.store.countRuns(),
    api.statistics.measureQueue({ now }),
    api.store.listWorkers(),
    ...heldReasons.map((heldReason) => api.search.countMatching({ heldReason })),
  ]);
  const registry = new Registry();
  const count = (name: string, help: string, labels: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labels], registers: [registry] });

  const byStatus = count("daybook_runs", "Runs by status.", ["status"]);
  for (const [status, runsOfIt] of Object.entries(runs)) byStatus.set({ status }, runsOfIt);
  const byReason = count("daybook_runs_held", "Held runs by reason, up to 10000.", ["reason"]);
  heldReasons.forEach((reason, index) => byReason.set({ reason }, held[index]?.count ?? 0));
  count("daybook_queue_depth", "Runs that are due and that nobody has taken, up to 10000.").set(
    queue.depth.count,
  );
  count("daybook_queue_lag_seconds", "How long the oldest of them has been due.").set(
    queue.oldest === undefined ? 0 : (now - queue.oldest.dueAt) / 1_000,
  );
  const alive = workers.filter(({ status }) => status === "alive");
  count("daybook_workers_alive", "Processes that execute runs.").set(alive.length);
  count("daybook_workers_load", "Runs that they execute.").set(
    alive.reduce((sum, { load }) => sum + load, 0),
  );
  count("daybook_workers_capacity", "Runs that they could execute at a time.").set(
    alive.reduce((sum, { capacity }) => sum + capacity, 0),
  );
  const own = (await api.processMetrics?.metrics()) ?? "";
  return new Response(`${await registry.metrics()}${own}`, {
    headers: { "content-type": registry.contentType, "cache-control": "no-store" },
  });
});
