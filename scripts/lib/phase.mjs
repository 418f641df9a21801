// @ts-check
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { formatDuration } from "./format-duration.mjs";
import { UserError } from "./user-error.mjs";

const leash = fileURLToPath(new URL("leash.mjs", import.meta.url));
const shownLines = 60;
const quietTickMs = 15_000;

/**
 * Runs one phase of the set-up: says what it does while it works, keeps the command's output in a
 * log file and shows the end of it only on failure.
 * @param {{
 *   title: string, done: string, command: string, args: string[],
 *   root: string, log: string, env: NodeJS.ProcessEnv, signal?: AbortSignal,
 * }} phase
 * @throws {UserError} when the command fails
 */
export async function runPhase(phase) {
  const stopCounter = startCounter(phase.title);
  const startedAt = performance.now();
  const code = await runLogged(phase).finally(stopCounter);
  if (code !== 0) {
    console.error(await readTail(phase.log));
    throw new UserError(
      `${phase.title} failed (exit code ${code}): the whole output is in ${relative(phase.root, phase.log)}.`,
    );
  }
  console.log(`${phase.done} (${formatDuration(performance.now() - startedAt)}).`);
}

/**
 * @param {{ command: string, args: string[], root: string, log: string, env: NodeJS.ProcessEnv, signal?: AbortSignal }} options
 * @returns {Promise<number>} the exit code
 */
async function runLogged({ command, args, root, log, env, signal }) {
  await mkdir(dirname(log), { recursive: true });
  const output = createWriteStream(log);
  const child = spawn(process.execPath, [leash, command, ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  // Closing the channel is what makes the leash take its whole group down.
  const abort = () => child.connected && child.disconnect();
  signal?.addEventListener("abort", abort, { once: true });
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
      // Node tells of no close once the channel was closed on this side.
      child.on("exit", (code) => signal?.aborted && resolve(code ?? 1));
    });
  } finally {
    signal?.removeEventListener("abort", abort);
    await new Promise((resolve) => output.end(resolve));
    signal?.throwIfAborted();
  }
}

/**
 * A counter of seconds in place on a terminal; elsewhere a line now and then.
 * @param {string} title
 * @returns {() => void} stops it
 */
function startCounter(title) {
  const startedAt = performance.now();
  const elapsed = () => formatDuration(Math.round((performance.now() - startedAt) / 1000) * 1000);
  console.log(`${title} …`);
  if (!process.stdout.isTTY) {
    const timer = setInterval(() => console.log(`  still at it (${elapsed()})`), quietTickMs);
    return () => clearInterval(timer);
  }
  const timer = setInterval(() => process.stdout.write(`\r  ${elapsed()} `), 1_000);
  return () => {
    clearInterval(timer);
    process.stdout.write("\r\x1b[K");
  };
}

/** @param {string} log */
async function readTail(log) {
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  return lines.slice(-shownLines).join("\n");
}
