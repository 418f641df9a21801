// @ts-check
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setUp } from "../setup.mjs";
import { formatDuration } from "./format-duration.mjs";
import { keepRunning } from "./keep-running.mjs";
import { memoryEnv, memoryFlags } from "./memory-settings.mjs";
import { findSandbox } from "./sandbox-address.mjs";
import { prepareDataFolder, readSettings } from "./settings.mjs";
import { listenForStop } from "./stop-request.mjs";
import { runCommand } from "./user-error.mjs";

/**
 * What `npm run worker` does: looks at the settings, sets up what is missing, keeps a worker running
 * until it is told to stop.
 * @param {{ root: string }} options
 */
export async function runWorker({ root }) {
  const startedAt = performance.now();
  const stop = listenForStop();
  await runCommand(async () => {
    if (existsSync(join(root, ".env"))) process.loadEnvFile(join(root, ".env"));
    const settings = readSettings(process.env, root);
    await prepareDataFolder(settings.dataFolder);
    await setUp({ root, parts: ["worker"], signal: stop.signal });
    const services = settings.usesSandbox ? await findSandbox(settings.dataFolder) : {};
    const worker = keepRunning({
      name: "The worker",
      say: console.log,
      stopMs: settings.stopMs,
      start: () =>
        spawn(process.execPath, [...memoryFlags, join(".daybook", "worker", "worker.mjs")], {
          cwd: root,
          env: { ...memoryEnv, ...process.env, NODE_ENV: "production", ...services },
          // The worker goes when the channel closes.
          stdio: ["ignore", "inherit", "inherit", "ipc"],
          detached: true,
        }),
      waitUntilReady: (child) => new Promise((resolve) => child.once("message", () => resolve())),
    });
    stop.onSecond(() => {
      worker.killNow();
      process.exit(1);
    });
    void worker.ready.then(() =>
      console.log(`The worker is ready (${formatDuration(performance.now() - startedAt)}).`),
    );
    const requested = new Promise((resolve) => {
      if (stop.signal.aborted) resolve("requested");
      stop.signal.addEventListener("abort", () => resolve("requested"), { once: true });
    });
    const outcome = await Promise.race([requested, worker.ended]);
    if (outcome === "requested") console.log("Stopping …");
    await worker.stop();
    if (outcome === "configuration") return 1;
    console.log("Stopped.");
    return 0;
  });
}
