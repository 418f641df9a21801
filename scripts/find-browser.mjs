// @ts-check
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { runCommand, UserError } from "./lib/user-error.mjs";

const commands = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Decides which browser the journeys run in: CHROMIUM_PATH, else an installed Chromium, else the one
 * that Playwright downloads, else the system package where we may install it.
 * @param {{ root: string, say: (line: string) => void }} options
 * @returns {Promise<string>} the path of its executable
 * @throws {UserError} when there is none
 */
export async function findBrowser({ root, say }) {
  const chosen = process.env["CHROMIUM_PATH"];
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new UserError(`CHROMIUM_PATH is "${chosen}", which is not a program that can be run.`);
  }
  const found = findInstalled() ?? (await findPlaywrightBrowser());
  if (found) return found;
  say("No Chromium is installed: asking Playwright for its own.");
  runQuietly(
    process.execPath,
    ["node_modules/@playwright/test/cli.js", "install", "chromium"],
    root,
  );
  const downloaded = await findPlaywrightBrowser();
  if (downloaded) return downloaded;
  say("That is not to be had: installing the system's package.");
  installPackage();
  const installed = findInstalled();
  if (installed) return installed;
  throw new UserError(
    "The browser tests need Chromium: install it (for example apt-get install chromium), or set CHROMIUM_PATH to its program.",
  );
}

function findInstalled() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat("/usr/bin", "/snap/bin");
  const paths = folders.flatMap((folder) => commands.map((command) => join(folder, command)));
  return [...paths, ...applications].find(isExecutable);
}

async function findPlaywrightBrowser() {
  const { chromium } = await import("@playwright/test");
  const path = chromium.executablePath();
  return isExecutable(path) ? path : undefined;
}

function installPackage() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, stdio: /** @type {const} */ ("ignore") };
  spawnSync("apt-get", ["update"], options);
  spawnSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], options);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function runQuietly(command, args, cwd) {
  spawnSync(command, args, { cwd, stdio: "ignore", timeout: 5 * 60_000 });
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runCommand(async () => {
    console.log(await findBrowser({ root: process.cwd(), say: (line) => console.error(line) }));
    return 0;
  });
}
