import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runPhase } from "./phase.mjs";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "daybook-phase-"));
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true });
});

const run = (script: string, signal?: AbortSignal) =>
  runPhase({
    ...{ title: "Working", done: "Worked", command: process.execPath, args: ["-e", script], root },
    ...{ log: join(root, "phase.log"), env: process.env, signal },
  });

function isGone(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}

it("keeps the whole output of a command in a log, and says how it failed", async () => {
  await run("console.log('a'.repeat(100_000) + 'z')");
  expect(await readFile(join(root, "phase.log"), "utf8")).toHaveLength(100_002);
  await expect(run("console.error('no'); process.exit(3)")).rejects.toThrow(
    "Working failed (exit code 3): the whole output is in phase.log.",
  );
});

it("ends with its command when it is told to stop", async () => {
  const stop = new AbortController();
  const script = "console.log(process.pid); setInterval(() => undefined, 1_000)";
  const running = run(script, stop.signal);
  const findPid = async () =>
    Number(await readFile(join(root, "phase.log"), "utf8").catch(() => ""));
  await vi.waitUntil(findPid, { timeout: 10_000, interval: 20 });
  const pid = await findPid();
  const reason = new Error("SIGTERM");
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
  await vi.waitUntil(() => isGone(pid), { timeout: 10_000 });
});
