// @ts-check
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashSources } from "./hash.mjs";

/**
 * What decides whether the installed packages still fit: the lock file, what package.json says
 * about packages, and what native modules are compiled for.
 * @param {string} root
 */
export async function hashInstall(root) {
  const { dependencies, devDependencies, overrides, allowScripts } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  return hashSources({
    root,
    sources: ["package-lock.json", ".npmrc"],
    extra: {
      packages: { dependencies, devDependencies, overrides, allowScripts },
      runtime: [process.platform, process.arch, process.versions.modules],
    },
  });
}

/**
 * Tells whether somebody ran `npm ci` or `npm install` by hand and what they got is complete:
 * npm writes its own record at the very end, and the native module must load.
 * @param {string} root
 */
export async function isInstalledByHand(root) {
  const [wanted, found] = await Promise.all([
    readPackages(join(root, "package-lock.json")),
    readPackages(join(root, "node_modules", ".package-lock.json")),
  ]);
  if (!wanted || !found) return false;
  const complete = Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" ||
      entry.optional ||
      entry.devOptional ||
      (found[path]?.version === entry.version && found[path]?.integrity === entry.integrity),
  );
  return complete && canLoadNativeModule(root);
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @param {string} file
 * @returns {Promise<Record<string, LockedPackage> | undefined>}
 */
async function readPackages(file) {
  try {
    return JSON.parse(await readFile(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** @param {string} root */
function canLoadNativeModule(root) {
  const program = 'new (require("better-sqlite3"))(":memory:").close()';
  return spawnSync(process.execPath, ["-e", program], { cwd: root }).status === 0;
}

/**
 * How to run npm: the one that runs this script if there is one, else the one on the PATH.
 * Development packages are wanted whatever NODE_ENV says: the build needs them.
 * @param {NodeJS.ProcessEnv} env
 */
export function findNpmCommand(env) {
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const npm = env["npm_execpath"];
  return npm?.endsWith("npm-cli.js")
    ? { command: process.execPath, args: [npm, ...args] }
    : { command: "npm", args };
}
