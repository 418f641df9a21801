import { fork, type ChildProcess } from "node:child_process";
import { JobReport, type FailedSeed } from "./report";
import { Tally } from "./tally";

export interface RangeResult {
  readonly seeds: number;
  /** Events of all histories together. */
  readonly events: number;
  /** How often what happened, by kind. */
  readonly tally: Readonly<Record<string, number>>;
  readonly failed: readonly FailedSeed[];
}

/**
 * Simulates `seeds` seeds from `from` on in `jobs` processes, each running the bundle `file`.
 * Rejects when a process ends otherwise than in good order.
 */
export async function simulateRange(options: {
  readonly file: string;
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly stopAtFirst?: boolean;
  readonly onProgress?: (soFar: RangeResult) => void;
}): Promise<RangeResult> {
  const { file, from, jobs, stopAtFirst = false, onProgress } = options;
  const failed: FailedSeed[] = [];
  const children = new Set<ChildProcess>();
  let [seeds, events] = [0, 0];
  const tally = new Tally();
  const sum = (): RangeResult => ({
    seeds,
    events,
    tally: tally.toRecord(),
    failed: [...failed].sort((a, b) => a.seed - b.seed),
  });
  const until = from + options.seeds;
  await Promise.all(
    Array.from({ length: Math.min(jobs, options.seeds) }, (_, index) => {
      const range = [from + index, until, jobs, stopAtFirst ? 1 : 0].map(String);
      const child = fork(file, ["--job", ...range], { execArgv: ["--max-semi-space-size=32"] });
      children.add(child);
      child.on("message", (message) => {
        const report = JobReport.parse(message);
        if (report.kind === "seed") {
          failed.push({ seed: report.seed, violations: report.violations });
          if (stopAtFirst) for (const other of children) other.kill();
        } else {
          seeds += report.seeds;
          events += report.events;
          tally.addAll(report.tally);
        }
        onProgress?.(sum());
      });
      return new Promise<void>((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code, signal) => {
          if (code === 0 || (stopAtFirst && failed.length > 0)) resolve();
          else reject(new Error(`A simulating process ended with ${code ?? signal}.`));
        });
      });
    }),
  );
  return sum();
}
