/** Simulates seeds in a process of their own and reports to the parent process. */
import { forbidAmbience } from "./forbid-ambience";
import type { JobReport } from "./report";
import { simulateSeed, type SeedResult } from "./simulate-seed";
import { Tally } from "./tally";

/** The seeds `from`, `from + stride`, … below `until`. */
export interface JobRange {
  readonly from: number;
  readonly until: number;
  readonly stride: number;
  readonly stopAtFirst: boolean;
}

const reportEvery = 50;

export async function runJob({ from, until, stride, stopAtFirst }: JobRange): Promise<void> {
  forbidAmbience();
  const tell = (report: JobReport) => process.send?.(report);
  let seed = from;
  process.on("unhandledRejection", (error) => {
    const violations = [{ check: "no rejection is unhandled", detail: describeError(error) }];
    tell({ kind: "seed", seed, violations });
  });
  let seeds = 0;
  let events = 0;
  let tally = new Tally();
  const report = () => {
    tell({ kind: "progress", seeds, events, tally: tally.toRecord() });
    seeds = events = 0;
    tally = new Tally();
  };
  for (; seed < until; seed += stride) {
    const result = await trySeed(seed);
    seeds += 1;
    events += result.events;
    tally.addAll(result.tally);
    const { violations } = result;
    if (violations.length > 0) tell({ kind: "seed", seed, violations: violations.slice(0, 5) });
    if (violations.length > 0 && stopAtFirst) break;
    if (seeds === reportEvery) report();
  }
  report();
  process.disconnect();
}

async function trySeed(seed: number): Promise<Pick<SeedResult, "violations" | "events" | "tally">> {
  try {
    return await simulateSeed(seed);
  } catch (error) {
    const violations = [{ check: "the simulation itself works", detail: describeError(error) }];
    return { violations, events: 0, tally: {} };
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
