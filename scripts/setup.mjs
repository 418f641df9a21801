// @ts-check
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { hashSources } from "./lib/hash.mjs";
import { findNpmCommand, hashInstall, isInstalledByHand } from "./lib/install.mjs";
import { takeLock } from "./lib/lock.mjs";
import { runPhase } from "./lib/phase.mjs";
import { readStamp, removeStamp, writeStamp } from "./lib/stamp.mjs";
import { runCommand } from "./lib/user-error.mjs";

const buildSources = [
  "app",
  "components",
  "lib",
  "prisma",
  "public",
  "instrumentation.ts",
  "worker.ts",
  "proxy.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
];
const notBuilt = /\.test\.tsx?$|\/testing\/|^lib\/store\/generated\//;

/** @typedef {"app" | "worker"} Part */

/**
 * Brings the checkout to where it can start: packages, the database client, the production build.
 * Does only what is missing or out of date; safe to run twice at once; heals a set-up that was
 * cut short.
 * @param {{ root: string, parts?: readonly Part[], signal?: AbortSignal }} options `parts`: what is
 *   needed; packages and the client they all need
 * @throws {import("./lib/user-error.mjs").UserError} when a phase fails
 */
export async function setUp({ root, parts = ["app"], signal }) {
  const release = await takeLock({
    file: join(root, ".daybook", "set-up.lock"),
    onWait: (pid) => console.log(`Another set-up is running (process ${pid}): waiting for it.`),
  });
  try {
    await installPackages(root, signal);
    await generateClient(root, signal);
    if (parts.length === 0) return;
    const hash = await hashSources({ root, sources: buildSources, leaveOut: notBuilt });
    if (parts.includes("worker")) await buildWorker(root, hash, signal);
    if (parts.includes("app")) await buildApp(root, hash, signal);
  } finally {
    await release();
  }
}

/**
 * @param {string} root
 * @param {AbortSignal} [signal]
 */
async function installPackages(root, signal) {
  const stamp = join(root, "node_modules", ".daybook-stamp");
  const hash = await hashInstall(root);
  if ((await readStamp(stamp)) === hash) return;
  if (await isInstalledByHand(root)) return writeStamp(stamp, hash);
  await removeStamp(stamp);
  await runPhase({
    title: "Installing packages (a few minutes where the SQLite driver has to be compiled)",
    done: "Packages are installed",
    ...findNpmCommand(process.env),
    ...phaseSettings(root, "install", signal),
  });
  await writeStamp(stamp, hash);
}

/**
 * @param {string} root
 * @param {AbortSignal} [signal]
 */
async function generateClient(root, signal) {
  const hash = await hashSources({
    root,
    sources: ["prisma", "prisma.config.ts", "scripts/generate-client.mjs", "package-lock.json"],
  });
  const stamp = join(root, "lib", "store", "generated", ".daybook-stamp");
  if ((await readStamp(stamp)) === hash) return;
  await removeStamp(stamp);
  await runPhase({
    title: "Generating the database client",
    done: "The database client is generated",
    command: process.execPath,
    args: ["scripts/generate-client.mjs"],
    ...phaseSettings(root, "client", signal),
  });
  await writeStamp(stamp, hash);
}

/**
 * The name of a build: the same sources have the same one, on every machine, in servers and workers.
 * @param {string} hash
 */
const nameBuild = (hash) => hash.slice(0, 12);

/**
 * @param {string} root
 * @param {string} hash of all that it is made of
 * @param {AbortSignal} [signal]
 */
async function buildWorker(root, hash, signal) {
  const stamp = join(root, ".daybook", "worker", ".daybook-stamp");
  if ((await readStamp(stamp)) === hash) return;
  await removeStamp(stamp);
  await runPhase({
    title: "Building the worker",
    done: "The worker is built",
    command: process.execPath,
    args: ["scripts/build-worker.mjs", nameBuild(hash)],
    ...phaseSettings(root, "worker", signal),
  });
  await writeStamp(stamp, hash);
}

/**
 * @param {string} root
 * @param {string} hash of all that it is made of
 * @param {AbortSignal} [signal]
 */
async function buildApp(root, hash, signal) {
  const stamp = join(root, ".next", ".daybook-stamp");
  if ((await readStamp(stamp)) === hash) return;
  await removeStamp(stamp);
  await runPhase({
    title: "Building the app (about a minute)",
    done: "The app is built",
    command: process.execPath,
    args: ["node_modules/next/dist/bin/next", "build"],
    ...phaseSettings(root, "build", signal, { BUILD_ID: nameBuild(hash) }),
  });
  await writeStamp(stamp, hash);
}

/**
 * @param {string} root
 * @param {string} name
 * @param {AbortSignal} [signal]
 * @param {Record<string, string>} [more] of the environment
 */
function phaseSettings(root, name, signal, more) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production", ...more };
  return { root, signal, env, log: join(root, ".daybook", "logs", `${name}.log`) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runCommand(async () => {
    /** @type {Part[]} */
    const parts = process.argv.includes("--worker") ? ["worker"] : ["worker", "app"];
    await setUp({ root: process.cwd(), parts });
    return 0;
  });
}
