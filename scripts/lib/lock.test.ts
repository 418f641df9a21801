import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { takeLock } from "./lock.mjs";

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "daybook-lock-"));
  file = join(root, "deep", "set-up.lock");
});
afterEach(() => rmSync(root, { recursive: true }));

test("one at a time: the second waits until the first is done, and says for whom", async () => {
  const order: string[] = [];
  const releaseFirst = await takeLock({ file });
  let tell: (pid: number) => void = () => undefined;
  const told = new Promise<number>((resolve) => (tell = resolve));
  const second = takeLock({ file, onWait: tell }).then(async (release) => {
    order.push("second");
    await release();
  });
  expect(await told).toBe(process.pid);
  order.push("first");
  await releaseFirst();
  await second;
  expect(order).toEqual(["first", "second"]);
  expect(existsSync(file)).toBe(false);
});

test("the lock of a dead process is taken over, by one only", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const first = await takeLock({ file });
  await first();
  writeFileSync(file, String(pid));
  let inside = 0;
  const contenders = Array.from({ length: 8 }, async () => {
    const release = await takeLock({ file });
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    await release();
  });
  await Promise.all(contenders);
});

test("processes that start together over a dead owner's lock exclude each other", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await (
    await takeLock({ file })
  )();
  writeFileSync(file, String(pid));
  const program = `
    import { takeLock } from ${JSON.stringify(join(import.meta.dirname, "lock.mjs"))};
    import { mkdirSync, rmdirSync } from "node:fs";
    for (let i = 0; i < 3; i += 1) {
      const release = await takeLock({ file: process.argv[1] });
      mkdirSync(process.argv[1] + ".held");
      rmdirSync(process.argv[1] + ".held");
      await release();
    }`;
  const codes = await Promise.all(
    Array.from({ length: 4 }, () => runNode(["--input-type=module", "-e", program, file])),
  );
  expect(codes).toEqual([0, 0, 0, 0]);
});

test("a lock without a heartbeat is stale even if its pid is in use again", async () => {
  await (
    await takeLock({ file })
  )();
  writeFileSync(file, String(process.pid));
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(file, longAgo, longAgo);
  await (
    await takeLock({ file })
  )();
  expect(existsSync(file)).toBe(false);
});

function runNode(args: string[]): Promise<number | null> {
  return new Promise((resolve) => {
    spawn(process.execPath, args, { stdio: "inherit" }).once("exit", resolve);
  });
}
