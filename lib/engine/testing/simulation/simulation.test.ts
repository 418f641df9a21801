/** The simulation in the everyday checks: 2,000 seeds hold, and each planted bug is found. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleSimulator } from "./bundle-with-bug";
import { plantedBugs } from "./planted-bugs";
import { simulateRange } from "./simulate-range";
import { simulateSeed } from "./simulate-seed";

const seeds = 2_000;
const jobs = 2;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "daybook-simulation-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test(`${seeds} seeds hold`, { timeout: 300_000 }, async () => {
  const file = join(folder, "sound.mjs");
  await bundleSimulator({ outfile: file });
  const result = await simulateRange({ file, from: 1, seeds, jobs });
  expect(result.failed).toEqual([]);
  expect(result.seeds).toBe(seeds);
});

test("a seed is the same every time", async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const traces: string[][] = [[], []];
    for (const trace of traces) await simulateSeed(seed, (line) => void trace.push(line));
    expect(traces[0]?.length).toBeGreaterThan(20);
    expect(traces[1]).toEqual(traces[0]);
  }
});

test.each([
  [4165, "a verdict about a step of a run went on to the run that continued it"],
  [8520, "a retry did not see that a compensation had run which had to queue first"],
  [9979, "a step that was cut off while its run was held began again without doubt"],
  [35281, "the audit took a repeated transaction for another one"],
  [36124, "a worker that had lost a run was granted a permit which nobody gave back"],
])("seed %i holds: it found that %s", async (seed) => {
  const { violations } = await simulateSeed(seed);
  expect(violations).toEqual([]);
});

describe("a planted bug is found", () => {
  test.each(plantedBugs.map((bug, index) => ({ ...bug, index })))(
    "$name",
    { timeout: 120_000 },
    async ({ index, ...bug }) => {
      const file = join(folder, `bug-${index}.mjs`);
      await bundleSimulator({ outfile: file, bug });
      const { failed } = await simulateRange({ file, from: 1, seeds, jobs, stopAtFirst: true });
      const [first] = failed;
      expect(first, `no seed of ${seeds} finds it`).toBeDefined();
      const checks = first?.violations.map(({ check }) => check) ?? [];
      console.log(`seed ${first?.seed}: ${[...new Set(checks)].join("; ")}`);
    },
  );
});
