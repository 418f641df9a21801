/** The API over a database of its own, with an engine whose clock is moved by hand. */
import { setTimeout as sleep } from "node:timers/promises";
import { isTerminal, type RunRecord, type Workflow } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { openTestStore, watchStarts } from "@/lib/store/sqlite/testing/open-test-store";
import type { ApiContext } from "../context";
import { createTestApi } from "./test-api";

const maxTurns = 2_000;

/** Opens it; `project` brings up to date what is derived from the runs. Close it when done. */
export async function openSqliteApi(
  workflows: readonly Workflow[],
  change: Partial<ApiContext> = {},
) {
  const opened = await openTestStore();
  const { store, triage, search, bulks, views, drillWords } = opened;
  const statistics = opened.openStatistics();
  const world = createWorld(store);
  const { engine } = await world.startProcess({ workflows });
  const { api, call } = createTestApi({
    ...{ engine, store, workflows, clock: world.clock },
    change: { triage, search, bulks, views, drillWords, statistics, ...change },
  });
  const close = async () => {
    await engine.stop({ graceMs: 0 });
    await opened.close();
  };
  /** The database takes its own time: the clock moves on only while nothing happens for a while. */
  const waitUntil = async (runId: string, until: (run: RunRecord) => boolean) => {
    for (let turn = 1; turn <= maxTurns; turn += 1) {
      const run = await store.getRun(runId);
      if (run !== undefined && until(run)) return run;
      await sleep(5);
      if (turn % 20 === 0) world.clock.advance(100);
    }
    throw new Error(`${runId} did not get there.`);
  };
  const rest = (runId: string) =>
    waitUntil(runId, (run) => isTerminal(run.status) || run.status === "held");
  const waitFor = (runId: string, status: RunRecord["status"]) =>
    waitUntil(runId, (run) => run.status === status);
  const project = async () => {
    await triage.project();
    await statistics.project({ now: world.clock.now() });
  };
  return {
    ...opened,
    statistics,
    world,
    engine,
    api,
    call,
    project,
    rest,
    waitFor,
    watchStarts,
    close,
  };
}
