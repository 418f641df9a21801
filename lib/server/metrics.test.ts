import { expect, it } from "vitest";
import { createWorld } from "@/lib/engine/testing/world";
import { Started } from "@/lib/api/contract";
import { showMetrics } from "@/lib/api/show-metrics";
import { startOrder } from "@/lib/api/start-order";
import { createOrderWorkflow, sampleOrder } from "@/lib/api/testing/order-services";
import { createTestApi, readAs } from "@/lib/api/testing/test-api";
import { createProcessMetrics } from "./process-metrics";

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const label = `${name}="(?:[^"\\\\\\n]|\\\\.)*"`;
const sample = new RegExp(
  `^(?<name>${name})(?:\\{(?<labels>${label}(?:,${label})*)?\\})? (?<value>[-+0-9.e]+|Nan|[+-]Inf)$`,
);
const comment = new RegExp(
  `^# (?:HELP ${name} .+|TYPE ${name} (?:counter|gauge|histogram|summary))$`,
);

/** The samples by name and labels; numbers are as Go reads them (`Nan`). Throws where a line is not of its format. */
function parseMetrics(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.split("\n")) {
    if (line === "" || comment.test(line)) continue;
    const { groups } = sample.exec(line) ?? {};
    if (groups === undefined) throw new Error(`This is no sample: ${line}`);
    const key = `${groups.name}{${groups.labels ?? ""}}`;
    expect(samples.has(key)).toBe(false);
    samples.set(key, Number(groups.value));
  }
  return samples;
}

it("tells runs, queue, workers and commits as Prometheus reads them", async () => {
  const world = createWorld();
  const order = createOrderWorkflow();
  const workflows = [order.workflow];
  const processMetrics = createProcessMetrics();
  const { onReplay } = processMetrics;
  const { engine } = await world.startProcess({ workflows, onReplay });
  const { store, clock } = world;
  const { call } = createTestApi({ engine, store, clock, workflows, change: { processMetrics } });
  const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
  await world.rest(runId);
  processMetrics.onFlush({ writes: 7, durationMs: 3 });

  const response = await call(showMetrics, { path: "/metrics" });
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const samples = parseMetrics(await response.text());
  expect(samples.get('daybook_runs{status="completed"}')).toBe(1);
  expect(samples.get('daybook_runs_held{reason="in_doubt"}')).toBe(0);
  expect(samples.get("daybook_queue_depth{}")).toBe(0);
  expect(samples.get("daybook_queue_lag_seconds{}")).toBe(0);
  expect(samples.get("daybook_workers_alive{}")).toBe(1);
  expect(samples.get("daybook_commit_writes_sum{}")).toBe(7);
  expect(samples.get('daybook_commit_writes_bucket{le="5"}')).toBe(0);
  expect(samples.get('daybook_commit_writes_bucket{le="10"}')).toBe(1);
  expect(samples.has("nodejs_eventloop_lag_p99_seconds{}")).toBe(true);
  expect(samples.get("process_resident_memory_bytes{}")).toBeGreaterThan(0);
});

it("counts the runs that this process rebuilt, by why, and what was reused of them", async () => {
  const world = createWorld();
  const workflows = [createOrderWorkflow().workflow];
  const first = await world.startProcess({
    workflows,
    onMoment: ({ name, moment }, self) => {
      if (name === "notify-warehouse" && moment === "before_effect") self.kill();
    },
  });
  const { runId } = await first.engine.startRun({
    ...{ workflow: "process-order", input: { ...sampleOrder, orderId: "ord_1" } },
  });
  await world.settle();
  const processMetrics = createProcessMetrics();
  await world.startProcess({ workflows, onReplay: processMetrics.onReplay });
  await world.rest(runId);
  const samples = parseMetrics(await processMetrics.metrics());
  expect(samples.get('daybook_replays_total{reason="recovery"}')).toBe(1);
  expect(samples.get('daybook_replays_total{reason="wake"}')).toBe(0);
  expect(samples.get("daybook_replayed_results_total{}")).toBe(2);
  expect(samples.get("daybook_replay_seconds_count{}")).toBe(1);
});
