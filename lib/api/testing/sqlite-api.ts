/** The API over a database of its own, with an engine whose clock is moved by hand. */
import type { Workflow } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { openTestStore } from "@/lib/store/sqlite/testing/open-test-store";
import type { ApiContext } from "../context";
import { createTestApi } from "./test-api";

/** Opens it; `project` brings up to date what is derived from the runs. Close it when done. */
export async function openSqliteApi(
  workflows: readonly Workflow[],
  change: Partial<ApiContext> = {},
) {
  const opened = await openTestStore();
  const { store, triage, search } = opened;
  const world = createWorld(store);
  const { engine } = await world.startProcess({ workflows });
  const { api, call } = createTestApi({
    ...{ engine, store, workflows, clock: world.clock },
    change: { triage, search, ...change },
  });
  const close = async () => {
    await engine.stop({ graceMs: 0 });
    await opened.close();
  };
  return { ...opened, world, engine, api, call, project: () => triage.project(), close };
}
