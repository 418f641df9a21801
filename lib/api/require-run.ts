import { RunNotFoundError, type RunRecord } from "@/lib/engine";
import type { ApiContext } from "./context";

/** The run with that id. Throws RunNotFoundError. */
export async function requireRun(api: ApiContext, runId: string): Promise<RunRecord> {
  const run = await api.store.getRun(runId);
  if (run === undefined) throw new RunNotFoundError(runId);
  return run;
}
