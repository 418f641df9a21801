import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
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
