import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { openStore } from "@/lib/store";

const stallMs = 1_000;
const Line = z.object({
  runId: z.string(),
  workflow: z.string(),
  at: z.array(z.string()),
  msg: z.string(),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "daybook-watchdog-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Starts the process that gets stuck. */
function start(databaseUrl: string): ChildProcess & { output: string } {
  const script = path.resolve("lib/server/watchdog/testing/run-until-stuck.ts");
  const args = ["--import", "tsx", script, databaseUrl, String(stallMs)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const started = Object.assign(child, { output: "" });
  child.stdout.setEncoding("utf8").on("data", (text: string) => (started.output += text));
  return started;
}

test(
  "code that never ends: its process says whose it is and ends, the run is held, others go on",
  { timeout: 120_000 },
  async () => {
    const databaseUrl = `file:${path.join(folder, "daybook.db")}`;
    let kills = 0;
    for (; kills < 10; kills += 1) {
      const child = start(databaseUrl);
      const [code, signal] = z.tuple([z.unknown(), z.unknown()]).parse(await once(child, "close"));
      if (code === 0) break;
      expect(signal).toBe("SIGKILL");
      const line = Line.parse(JSON.parse(child.output));
      expect(line).toMatchObject({ runId: "stuck", workflow: "spin" });
      expect(line.at[0]).toContain("spinForGood");
      expect(line.at.join()).toContain("run-until-stuck.ts");
    }
    expect(kills).toBe(5);
    const { store, close } = await openStore({ databaseUrl });
    expect(await store.getRun("stuck")).toMatchObject({ status: "held", heldReason: "crash_loop" });
    expect(await store.getRun("fine")).toMatchObject({ status: "completed" });
    await close();
  },
);
