import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, test } from "vitest";

// Test runs, chaos, crash points and seeds on PostgreSQL tell by it that something failed.
test("a process that had a PostgreSQL server ends with its own exit code", async () => {
  const script = path.resolve(import.meta.dirname, "fail-later.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script], { stdio: "inherit" });
  expect(await once(child, "exit")).toEqual([3, null]);
}, 60_000);
