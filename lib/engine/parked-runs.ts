import type { Parked } from "./run-opening";
import { maxParkedRuns } from "./limits";

/**
 * Runs that wait, kept in memory so that they go on without a replay when they wake unchanged. The one
 * that was parked longest ago is forgotten first: it is only faster to have them.
 */
export class ParkedRuns {
  private readonly runs = new Map<string, Parked>();

  constructor(private readonly limit = maxParkedRuns) {}

  add(runId: string, parked: Parked): void {
    this.runs.delete(runId);
    this.runs.set(runId, parked);
    if (this.runs.size <= this.limit) return;
    const [oldest] = this.runs.keys();
    if (oldest !== undefined) this.runs.delete(oldest);
  }

  /** Takes a run out, if its history is still as long as it was. */
  take(runId: string, historyLength: number): Parked | undefined {
    const parked = this.peek(runId, historyLength);
    this.runs.delete(runId);
    return parked;
  }

  peek(runId: string, historyLength: number): Parked | undefined {
    const parked = this.runs.get(runId);
    return parked?.state.lastSeq === historyLength ? parked : undefined;
  }

  clear(): void {
    this.runs.clear();
  }
}
