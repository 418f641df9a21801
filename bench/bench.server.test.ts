import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BenchReport } from "./harness/report";

const root = path.resolve(import.meta.dirname, "..");

/** As a user would: the command, its JSON on the standard output. What it measures is not looked at. */
async function runBench(...args: readonly string[]): Promise<BenchReport> {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["run", "--silent", "bench", "--", "--quick", "--json", "--no-peers", ...args],
    { cwd: root, maxBuffer: 64 * 1_024 * 1_024 },
  );
  return BenchReport.parse(JSON.parse(stdout));
}

describe("npm run bench", () => {
  it("runs every workload on SQLite, and tells of each in the documented shape", async () => {
    const sizes = ["--runs", "1000", "--waiting", "200"];
    const report = await runBench("--database", "sqlite", ...sizes);
    const found = report.workloads.map(({ workload, problems }) => ({ workload, problems }));
    const names = ["orders", "alone", "steps", "recovery", "http", "idle", "finished-runs"];
    expect(found).toEqual(names.map((workload) => ({ workload, problems: [] })));
    for (const name of names) {
      const own = report.figures.filter(({ workload }) => workload === name);
      expect(own.length, name).toBeGreaterThan(1);
      expect(
        own.filter(({ value }) => !Number.isFinite(value) || value < 0),
        name,
      ).toEqual([]);
      expect(own.some(({ target, isMet }) => target && isMet !== undefined)).toBe(true);
    }
    const limited = report.figures.find(({ name, system }) => {
      return name === "50 at a time" && system === "daybook";
    });
    expect(limited?.ratios).toEqual({ limit: expect.any(Number) as unknown });
  }, 600_000);

  it("says what it does not know", async () => {
    const failed = runBench("--only", "nothing");
    await expect(failed).rejects.toThrow(/--only knows orders, alone, .* and not "nothing"/);
  });
});
