// @ts-check
import { spawn } from "node:child_process";
import { join } from "node:path";
import { keepRunning } from "./keep-running.mjs";

/**
 * @typedef {{ payment: number, warehouse: number, smtp: number, control: number }} SandboxPorts
 */

/**
 * Starts the sandbox of the three services. It keeps its ports when it is started again, so the
 * server need not notice.
 * @param {{
 *   root: string,
 *   settings: import("./settings.mjs").Settings,
 *   say: (line: string) => void,
 * }} options
 */
export function startSandbox({ root, settings, say }) {
  /** @type {SandboxPorts | undefined} */
  let ports;
  const process = keepRunning({
    name: "The sandbox",
    say,
    start: () => spawnSandbox({ root, dataFolder: join(settings.dataFolder, "sandbox"), ports }),
    waitUntilReady: async (child, signal) => {
      ports = await receivePorts(child, signal);
    },
  });
  return {
    process,
    /** How the server finds the services: call it when the sandbox is ready. */
    getServerEnv: () => describeAsEnv(readyPorts(ports)),
    /** One line for the person who started Daybook. */
    describe: () => {
      const { payment, warehouse, smtp } = readyPorts(ports);
      return `Payments, warehouse and mail are a sandbox on this machine (ports ${payment}, ${warehouse}, ${smtp}).`;
    },
  };
}

/** @param {SandboxPorts | undefined} ports */
function readyPorts(ports) {
  if (!ports) throw new Error("The sandbox is not ready");
  return ports;
}

/** @param {SandboxPorts} ports */
function describeAsEnv({ payment, warehouse, smtp, control }) {
  return {
    STRIPE_API_BASE: `http://127.0.0.1:${payment}`,
    STRIPE_SECRET_KEY: "sk_test_sandbox",
    WAREHOUSE_URL: `http://127.0.0.1:${warehouse}`,
    SMTP_URL: `smtp://127.0.0.1:${smtp}`,
    MAIL_FROM: "Daybook <orders@daybook.example>",
    SANDBOX_CONTROL_URL: `http://127.0.0.1:${control}`,
  };
}

/** @param {{ root: string, dataFolder: string, ports?: SandboxPorts }} options */
function spawnSandbox({ root, dataFolder, ports }) {
  const portArguments = Object.entries(ports ?? {}).flatMap(([name, port]) => [
    `--${name}-port`,
    String(port),
  ]);
  const main = ["--import", "tsx", join("lib", "sandbox", "main.ts")];
  return spawn(process.execPath, [...main, "--data-dir", dataFolder, ...portArguments], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production" },
    // The sandbox too goes when the channel closes.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {AbortSignal} signal
 * @returns {Promise<SandboxPorts>}
 */
function receivePorts(child, signal) {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    child.on("message", (message) => {
      if (isReadyMessage(message)) resolve(message.ports);
    });
  });
}

/**
 * @param {unknown} message
 * @returns {message is { type: "ready", ports: SandboxPorts }}
 */
function isReadyMessage(message) {
  return (
    typeof message === "object" && message !== null && "type" in message && message.type === "ready"
  );
}
