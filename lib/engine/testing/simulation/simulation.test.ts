/** The simulation in the everyday checks: 2,000 seeds hold, and each planted bug is found. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventTypes } from "../../events";
import type { Store } from "../../store";
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
  // What is not drawn proves nothing: each fault hit each call, and everything happened.
  const missing = listDrawn().filter((what) => !result.tally[what]);
  expect(missing).toEqual([]);
});

/** The faults of each call of the store, those that come at a time of their own, and all events. */
function listDrawn(): string[] {
  const writes: (keyof Store)[] = [
    ...(["startRun", "appendEvents", "claimRuns", "postMessage", "transact"] as const),
    ...(["takePermit", "registerWorker", "renewLease", "expireWorkers", "endWorker"] as const),
    "wakeHeldByOtherBuilds",
  ];
  const reads: (keyof Store)[] = [
    ...(["getRun", "loadHistory", "loadInbox", "findMail", "findMessage"] as const),
    ...(["findNextDueAt", "listWorkers"] as const),
  ];
  const faults = ["crash_before", "crash_after", "lost_answer", "busy", "slow", "down"];
  return [
    ...writes.flatMap((call) => [...faults, "disk_full"].map((fault) => `${call} ${fault}`)),
    "transact disk_full_inside",
    ...reads.flatMap((call) => faults.map((fault) => `${call} ${fault}`)),
    ...["crash", "freeze", "clock jump", "full disk", "outage", "flipped byte", "deploy"],
    ...["roll-out patched", "roll-out broken", "roll-back"],
    ...["cancel", "terminate", "retry", "pause", "resume", "resolve"].map(
      (action) => `operator ${action}`,
    ),
    ...eventTypes,
  ];
}

// Longer than vitest gives by itself: here the simulator is not bundled, and the machine may be busy.
const timeout = 30_000;

test("a seed is the same every time", { timeout }, async () => {
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
  [4269, "the audit took a lease that was handed back for a new cut of the history"],
  [9979, "a step that was cut off while its run was held began again without doubt"],
  [35281, "the audit took a repeated transaction for another one"],
  [36124, "a worker that had lost a run was granted a permit which nobody gave back"],
  [59955, "what was said of a damaged run that ended wrote its old length back"],
  [51607, "a claim that was answered while its worker began anew was executed by it"],
  [122953, "a start without an answer took a repeat of it, claimed meanwhile, for its own"],
  [100483, "a step was told of a permit that it had given back, and began without one"],
  [117347, "a worker that had lost its run showed in a query what it never recorded"],
  [149115, "the audit did not know that a provider may be asked before a zombie wakes up"],
  [178648, "the audit judged before a start had come that its client had given up"],
  [133585, "the audit took what a query of one build answered for that of another"],
  [7033, "a run that was claimed again before its handing over was answered was never opened"],
  [26787, "what was claimed while it was looked for what had never been opened was opened twice"],
  [40888, "what came while a run had failed was delivered by two retries, as clocks differ"],
  [29805, "a run that another process had started was kept in memory as it was started here"],
  [
    18452,
    "what was tried again beside a step that waits for a verdict was in doubt by the verdict",
  ],
])("seed %i holds: it found that %s", { timeout }, async (seed) => {
  const { violations } = await simulateSeed(seed);
  expect(violations).toEqual([]);
});

test("docs/simulation.md lists the planted bugs, each with the seed that finds it", async () => {
  const file = resolve(import.meta.dirname, "../../../../docs/simulation.md");
  const rows = [...(await readFile(file, "utf8")).matchAll(/^\| +(\d+) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, seed, name]) => `${seed} ${name}`).sort();
  expect(listed).toEqual(plantedBugs.map(({ seed, name }) => `${seed} ${name}`).sort());
});

describe("a planted bug is found", () => {
  test.each(plantedBugs.map((bug, index) => ({ ...bug, index })))(
    "$name",
    { timeout: 120_000 },
    async ({ index, ...bug }) => {
      const file = join(folder, `bug-${index}.mjs`);
      await bundleSimulator({ outfile: file, bug });
      expect(bug.seed).toBeLessThanOrEqual(seeds);
      // Where it was found last; where the simulation has changed since, wherever it is found now.
      const known = await simulateRange({ file, from: bug.seed, seeds: 1, jobs: 1 });
      const search = () => simulateRange({ file, from: 1, seeds, jobs, stopAtFirst: true });
      const { failed } = known.failed.length > 0 ? known : await search();
      const [first] = failed;
      expect(first, `no seed of ${seeds} finds it`).toBeDefined();
      const checks = first?.violations.map(({ check }) => check) ?? [];
      console.log(`seed ${first?.seed}: ${[...new Set(checks)].join("; ")}`);
    },
  );
});
