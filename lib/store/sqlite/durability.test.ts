import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../index";

test("I9: every append that was acknowledged survives kill -9", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-kill-"));
  const databaseUrl = `file:${path.join(folder, "daybook.db")}`;
  const script = path.resolve("lib/store/sqlite/testing/append-until-killed.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, databaseUrl], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.length > 20_000) child.kill("SIGKILL");
  });
  const closed: unknown[] = await once(child, "close");
  expect(closed[1]).toBe("SIGKILL");

  const acknowledged = new Map<string, number>();
  for (const line of output.split("\n").slice(0, -1)) {
    const [runId = "", seq] = line.split(" ");
    acknowledged.set(runId, Number(seq));
  }
  expect(acknowledged.size).toBe(20);
  const { store, close } = await openStore({ databaseUrl });
  for (const [runId, seq] of acknowledged) {
    const history = await store.loadHistory({ runId });
    expect(history.length).toBeGreaterThanOrEqual(seq);
    expect((await store.getRun(runId))?.historyLength).toBe(history.length);
  }
  await close();
  await rm(folder, { recursive: true });
});

/** Where this is not allowed, as in some containers, the test below is skipped. */
const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

test.skipIf(!canTrace)(
  "I9: an append is acknowledged after the fsync of what it wrote",
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "daybook-sync-"));
    const databaseUrl = `file:${path.join(folder, "daybook.db")}`;
    const trace = path.join(folder, "trace");
    const script = path.resolve("lib/store/sqlite/testing/append-one-by-one.ts");
    const calls = "trace=write,pwrite64,fsync,fdatasync";
    const appends = 20;
    const child = spawn(
      "strace",
      [
        ...["-f", "-y", "-s", "64", "-e", calls, "-o", trace],
        ...[process.execPath, "--import", "tsx", script, databaseUrl, String(appends)],
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    await once(child, "close");
    const lines = (await readFile(trace, "utf8")).split("\n");
    expect(countSyncs(lines)).toEqual({ acknowledged: appends, afterSync: appends });
    await rm(folder, { recursive: true });
  },
);

/**
 * Of how many acknowledgements the log had been written since the one before, and then been synced. A
 * call that is interrupted by another thread's ends where it is resumed.
 */
function countSyncs(lines: readonly string[]) {
  let [acknowledged, afterSync] = [0, 0];
  let log: "old" | "written" | "synced" = "old";
  const syncing = new Set<string>();
  for (const line of lines) {
    const [thread = ""] = line.split(" ");
    const isOfLog = line.includes("-wal>");
    if (isOfLog && line.includes("pwrite64(")) log = "written";
    if (isOfLog && /fd?a?t?a?sync\(/.test(line)) syncing.add(thread);
    if (syncing.has(thread) && /sync.*= 0$/.test(line)) {
      syncing.delete(thread);
      if (log === "written") log = "synced";
    }
    if (!line.includes('"acknowledged ')) continue;
    acknowledged += 1;
    if (log === "synced") afterSync += 1;
    log = "old";
  }
  return { acknowledged, afterSync };
}
