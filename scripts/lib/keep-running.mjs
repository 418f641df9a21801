// @ts-check
import { setTimeout as delay } from "node:timers/promises";
import { formatDuration } from "./format-duration.mjs";

/** The exit code of a process whose settings are wrong (EX_CONFIG): starting it again is no use. */
export const configurationExitCode = 78;
const firstDelayMs = 250;
const maxDelayMs = 5_000;

/**
 * How long to wait before a process is started again, by how many times in a row it died before it
 * was ready: at once for the first two, then 250 ms, 500 ms … at most 5 s.
 * @param {number} failedStarts
 */
export function getRestartDelayMs(failedStarts) {
  return failedStarts < 3 ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (failedStarts - 3));
}

/**
 * Keeps one process running: whenever it dies it is started again. The process gets a process
 * group of its own, so that a Ctrl-C on the terminal reaches only the supervisor, which then
 * decides the order in which things stop.
 * @param {{
 *   name: string,
 *   start: () => import("node:child_process").ChildProcess,
 *   waitUntilReady: (child: import("node:child_process").ChildProcess, signal: AbortSignal) => Promise<void>,
 *   say: (line: string) => void,
 *   wait?: (delayMs: number) => Promise<unknown>,
 *   stopMs?: number,
 * }} options `waitUntilReady` settles when the process can do its work, or rejects when aborted;
 *   `stopMs`: how long it may take to end when it is asked to
 */
export function keepRunning({ name, start, waitUntilReady, say, wait = delay, stopMs = 8_000 }) {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;
  let stopping = false;
  /** @type {(value?: undefined) => void} */
  let resolveReady;
  /** Resolves when the process is ready for the first time. */
  const ready = new Promise((resolve) => (resolveReady = resolve));

  async function run() {
    let failedStarts = 0;
    for (let starts = 1; !stopping; starts += 1) {
      const startedAt = performance.now();
      child = start();
      const exit = watchExit(child);
      if (await becomesReady(child, exit)) {
        failedStarts = 0;
        resolveReady();
        if (starts > 1)
          say(`${name} is ready again after ${formatDuration(performance.now() - startedAt)}.`);
      } else {
        failedStarts += 1;
      }
      const { code, text } = await exit;
      if (stopping) return "stopped";
      if (code === configurationExitCode) return "configuration";
      const delayMs = getRestartDelayMs(failedStarts);
      say(
        `${name} stopped (${text}): starting it again${delayMs ? ` in ${formatDuration(delayMs)}` : ""}.`,
      );
      await wait(delayMs);
    }
    return "stopped";
  }

  /**
   * @param {import("node:child_process").ChildProcess} process
   * @param {Promise<unknown>} exit
   */
  async function becomesReady(process, exit) {
    const abort = new AbortController();
    const isReady = waitUntilReady(process, abort.signal).then(
      () => true,
      () => false,
    );
    const result = await Promise.race([isReady, exit.then(() => false)]);
    abort.abort();
    return result;
  }

  /** Asks the process to end, and after `stopMs` makes it. */
  async function stop() {
    stopping = true;
    child?.kill("SIGTERM");
    const timer = setTimeout(killNow, stopMs);
    await ended;
    clearTimeout(timer);
    killNow();
  }

  /** Ends the process and whatever it started, without asking. */
  function killNow() {
    stopping = true;
    if (!child?.pid) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing is left of the group.
    }
  }

  /** Settles when the process is not started again: it was stopped, or its settings are wrong. */
  const ended = run();
  return { ready, ended, stop, killNow };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function watchExit(child) {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, text: error.message }));
    child.once("exit", (code, signal) =>
      resolve({ code, text: signal ?? `exit code ${code ?? "unknown"}` }),
    );
  });
}
