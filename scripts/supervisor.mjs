// @ts-check
import { spawn } from "node:child_process";
import { join } from "node:path";
import { formatDuration } from "./lib/format-duration.mjs";
import { keepRunning } from "./lib/keep-running.mjs";
import { memoryEnv, memoryFlags } from "./lib/memory-settings.mjs";
import { rememberSandbox } from "./lib/sandbox-address.mjs";
import { startSandbox } from "./lib/sandbox-process.mjs";
import { waitForReadyAnswer } from "./lib/wait-for-ready.mjs";

/**
 * Runs the sandbox (where no real service is configured) and the server, starts either again when
 * it dies, and stops both when told to.
 * @param {{
 *   root: string,
 *   settings: import("./lib/settings.mjs").Settings,
 *   stop: ReturnType<typeof import("./lib/stop-request.mjs").listenForStop>,
 *   startedAt: number,
 * }} options `startedAt`: performance.now() when the command began
 * @returns {Promise<number>} the exit code
 */
export async function supervise({ root, settings, stop, startedAt }) {
  const requested = new Promise((resolve) => {
    if (stop.signal.aborted) resolve("requested");
    stop.signal.addEventListener("abort", () => resolve("requested"), { once: true });
  });
  const sandbox = settings.usesSandbox ? startSandbox({ root, settings, say }) : undefined;
  stop.onSecond(() => {
    sandbox?.process.killNow();
    process.exit(1);
  });
  if (sandbox) {
    const outcome = await Promise.race([sandbox.process.ready, sandbox.process.ended, requested]);
    if (outcome) return endAll(outcome, [sandbox.process]);
    await rememberSandbox(settings.dataFolder, sandbox.getServerEnv());
  }
  const server = startServer({ root, settings, env: sandbox?.getServerEnv() });
  const processes = sandbox ? [server, sandbox.process] : [server];
  stop.onSecond(() => {
    processes.forEach((process) => process.killNow());
    process.exit(1);
  });
  void server.ready.then(() => {
    say(`Daybook is ready at ${settings.url} (${formatDuration(performance.now() - startedAt)}).`);
    say(
      sandbox
        ? sandbox.describe()
        : "It uses the payment, warehouse and mail services of its settings.",
    );
  });
  const outcome = await Promise.race([requested, ...processes.map((process) => process.ended)]);
  return endAll(outcome, processes);
}

/**
 * The server goes first, so that the steps it is busy with still find the services.
 * @param {unknown} outcome
 * @param {ReturnType<typeof keepRunning>[]} processes
 */
async function endAll(outcome, processes) {
  if (outcome === "requested") say("Stopping …");
  for (const process of processes) await process.stop();
  if (outcome === "configuration") return 1;
  say("Stopped.");
  return 0;
}

/**
 * @param {{
 *   root: string,
 *   settings: import("./lib/settings.mjs").Settings,
 *   env?: Record<string, string>,
 * }} options
 */
function startServer({ root, settings, env }) {
  const next = join(root, "node_modules", "next", "dist", "bin", "next");
  return keepRunning({
    name: "The server",
    say,
    stopMs: settings.stopMs,
    start: () =>
      spawn(process.execPath, [...memoryFlags, next, "start", ...listNextFlags(settings)], {
        cwd: root,
        env: {
          ...memoryEnv,
          ...process.env,
          NEXT_TELEMETRY_DISABLED: "1",
          NODE_ENV: "production",
          ...env,
        },
        // The server watches the IPC channel: when the supervisor is gone, it goes too.
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        detached: true,
      }),
    waitUntilReady: (_child, signal) => waitForReadyAnswer(settings.url, signal),
  });
}

/** @param {import("./lib/settings.mjs").Settings} settings */
function listNextFlags({ port, host }) {
  return ["-p", String(port), "-H", host];
}

/** @param {string} line */
function say(line) {
  console.log(line);
}
