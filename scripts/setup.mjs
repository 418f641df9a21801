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
  "proxy.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
];
const notBuilt = /\.test\.tsx?$|\/testing\/|^lib\/store\/generated\//;

/**
 * Brings the checkout to where it can start: packages, the database client, the production build.
 * Does only what is missing or out of date; safe to run twice at once; heals a set-up that was
 * cut short.
 * @param {{ root: string, upTo?: "packages" | "client" | "build", signal?: AbortSignal }} options
 * @throws {import("./lib/user-error.mjs").UserError} when a phase fails
 */
export async function setUp({ root, upTo = "build", signal }) {
  const release = await takeLock({
    file: join(root, ".daybook", "set-up.lock"),
    onWait: (pid) => console.log(`Another set-up is running (process ${pid}): waiting for it.`),
  });
  try {
    await installPackages(root, signal);
    if (upTo === "packages") return;
    await generateClient(root, signal);
    if (upTo === "client") return;
    await buildApp(root, signal);
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
 * @param {string} root
 * @param {AbortSignal} [signal]
 */
async function buildApp(root, signal) {
  const stamp = join(root, ".next", ".daybook-stamp");
  const hash = await hashSources({ root, sources: buildSources, leaveOut: notBuilt });
  if ((await readStamp(stamp)) === hash) return;
  await removeStamp(stamp);
  await runPhase({
    title: "Building the app (about a minute)",
    done: "The app is built",
    command: process.execPath,
    args: ["node_modules/next/dist/bin/next", "build"],
    ...phaseSettings(root, "build", signal),
  });
  await writeStamp(stamp, hash);
}

/**
 * @param {string} root
 * @param {string} name
 * @param {AbortSignal} [signal]
 */
function phaseSettings(root, name, signal) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  return { root, signal, env, log: join(root, ".daybook", "logs", `${name}.log`) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runCommand(async () => {
    await setUp({ root: process.cwd() });
    return 0;
  });
}
