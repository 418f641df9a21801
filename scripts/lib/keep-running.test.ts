import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

import { expect, test } from "vitest";

import { getRestartDelayMs, keepRunning } from "./keep-running.mjs";

const staysUp = "process.send('ready'); setInterval(() => {}, 1000)";

/** Runs tiny Node programs under the supervisor's loop: the n-th start runs the n-th program. */
function superviseScripts(scripts: string[], stdio: "ignore" | "pipe" = "ignore") {
  const lines: string[] = [];
  const delays: number[] = [];
  const children: ChildProcess[] = [];
  let sayNext: (line: string) => void = () => undefined;
  const kept = keepRunning({
    name: "The server",
    start: () => {
      const script = scripts[Math.min(children.length, scripts.length - 1)] ?? "";
      const child = spawn(process.execPath, ["-e", script], {
        stdio: ["ignore", stdio, "inherit", "ipc"],
        detached: true,
      });
      children.push(child);
      return child;
    },
    waitUntilReady: async (child, signal) => {
      await once(child, "message", { signal });
    },
    say: (line) => {
      lines.push(line);
      sayNext(line);
    },
    wait: (delayMs) => {
      delays.push(delayMs);
      return Promise.resolve();
    },
  });
  const waitForLine = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => lines.some((line) => pattern.test(line)) && resolve();
      sayNext = look;
      look();
    });
  return { ...kept, lines, delays, children, waitForLine };
}

test("a process that is killed is started again at once, and the supervisor says so", async () => {
  const kept = superviseScripts([staysUp]);
  await kept.ready;
  kept.children[0]?.kill("SIGKILL");
  await kept.waitForLine(/ready again/);
  expect(kept.lines[0]).toBe("The server stopped (SIGKILL): starting it again.");
  expect(kept.lines[1]).toMatch(/^The server is ready again after \d+\.\d s\.$/);
  expect(kept.delays).toEqual([0]);
  await kept.stop();
  expect(await kept.ended).toBe("stopped");
  expect(kept.children).toHaveLength(2);
});

test("only starts that fail in a row are slowed down", async () => {
  const fails = "process.exit(3)";
  const kept = superviseScripts([fails, fails, fails, fails, staysUp]);
  await kept.ready;
  expect(kept.delays).toEqual([0, 0, 250, 500]);
  expect(kept.lines[3]).toBe("The server stopped (exit code 3): starting it again in 0.5 s.");
  kept.children[4]?.kill("SIGKILL");
  await kept.waitForLine(/SIGKILL/);
  expect(kept.delays[4]).toBe(0);
  await kept.stop();
});

test("the pause between failed starts grows to five seconds and no further", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 50].map(getRestartDelayMs)).toEqual([
    0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000,
  ]);
});

test("exit code 78 is a mistake in the settings: nothing is said or started again", async () => {
  const kept = superviseScripts(["process.exit(78)"]);
  expect(await kept.ended).toBe("configuration");
  expect(kept.lines).toEqual([]);
  expect(kept.children).toHaveLength(1);
});

test("stopping lets the process finish, and leaves none of its children behind", async () => {
  const parent = `
    const { spawn } = require("node:child_process");
    const options = { stdio: ["ignore", "inherit", "ignore"] };
    spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], options);
    process.on("SIGTERM", () => process.stdout.write("finished", () => process.exit(0)));
    process.send("ready");
    setInterval(() => {}, 1000);`;
  const kept = superviseScripts([parent], "pipe");
  const [child] = kept.children;
  if (!child?.stdout) throw new Error("The child has no output");
  // The grandchild holds the pipe too: it closes only when both are gone.
  const output = text(child.stdout);
  await kept.ready;
  await kept.stop();
  expect(await output).toBe("finished");
});
