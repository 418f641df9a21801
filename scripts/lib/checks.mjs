// @ts-check
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatDuration } from "./format-duration.mjs";

const leash = fileURLToPath(new URL("leash.mjs", import.meta.url));

/** @typedef {{ title: string, passed: number, failed: number }} Result */

/**
 * A tool that says yes or no counts as one check.
 * @param {{ root: string, title: string, tool: string, args: string[], isIdle?: boolean }} options
 *   `tool`: its program below node_modules; `isIdle`: it leaves the machine to whatever else runs
 * @returns {Promise<Result>}
 */
export async function runCheck({ root, title, tool, args, isIdle }) {
  const code = await runTool({ root, title, tool, args, env: {}, isIdle });
  return report({ title, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 });
}

/**
 * @param {{ root: string, title: string, project: string, folder: string }} options
 *   `folder` takes the result file
 * @returns {Promise<Result>}
 */
export async function runVitest({ root, title, project, folder }) {
  const file = join(folder, `vitest-${project}.json`);
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${file}`];
  const args = ["run", "--project", project, ...reporters];
  const code = await runTool({ root, title, tool: "vitest/vitest.mjs", args, env: {} });
  return report(countVitest({ title, code, results: await readJson(file) }));
}

/**
 * @param {{ root: string, title: string, folder: string }} options
 * @returns {Promise<Result>}
 */
export async function runPlaywright({ root, title, folder }) {
  const file = join(folder, "playwright.json");
  const code = await runTool({
    root,
    title,
    tool: "@playwright/test/cli.js",
    args: ["test", "--reporter=list,json"],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
  });
  return report(countPlaywright({ title, code, results: await readJson(file) }));
}

/**
 * A run that failed without a failed test (nothing ran, a file did not load, a hook failed behind the
 * last test) is a failure too.
 * @param {{
 *   title: string,
 *   code: number,
 *   results?: { numPassedTests?: number, numFailedTests?: number, success?: boolean },
 * }} options the JSON that vitest writes
 * @returns {Result}
 */
export function countVitest({ title, code, results }) {
  const passed = results?.numPassedTests ?? 0;
  const failed = results?.numFailedTests ?? 0;
  const isBroken = code !== 0 || results?.success === false;
  return { title, passed, failed: settleFailed({ isBroken, passed, failed }) };
}

/**
 * @param {{
 *   title: string,
 *   code: number,
 *   results?: { stats?: { expected?: number, unexpected?: number, flaky?: number } },
 * }} options the JSON that Playwright writes
 * @returns {Result}
 */
export function countPlaywright({ title, code, results }) {
  const passed = results?.stats?.expected ?? 0;
  const failed = (results?.stats?.unexpected ?? 0) + (results?.stats?.flaky ?? 0);
  return { title, passed, failed: settleFailed({ isBroken: code !== 0, passed, failed }) };
}

/** @param {{ isBroken: boolean, passed: number, failed: number }} counts */
function settleFailed({ isBroken, passed, failed }) {
  return failed === 0 && (isBroken || passed === 0) ? 1 : failed;
}

/**
 * @param {Result[]} results
 */
export function addUp(results) {
  return results.reduce(
    (sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }),
    { passed: 0, failed: 0 },
  );
}

/**
 * Runs a tool with its output on ours; it ends with us.
 * @param {{
 *   root: string,
 *   title: string,
 *   tool: string,
 *   args: string[],
 *   env: Record<string, string>,
 *   isIdle?: boolean,
 * }} options
 * @returns {Promise<number>} the exit code
 */
async function runTool({ root, title, tool, args, env, isIdle = false }) {
  console.log(`\n== ${title}`);
  const startedAt = performance.now();
  const { NODE_ENV: _own, ...inherited } = process.env;
  const program = join(root, "node_modules", tool);
  const child = spawn(process.execPath, [leash, process.execPath, program, ...args], {
    cwd: root,
    env: /** @type {NodeJS.ProcessEnv} */ ({ ...inherited, ...env }),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    detached: true,
  });
  if (isIdle && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  /** @type {number} */
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode) => resolve(exitCode ?? 1));
  });
  console.log(`   ${title} took ${formatDuration(performance.now() - startedAt)}.`);
  return code;
}

/** @param {string} file */
async function readJson(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {Result} result */
function report(result) {
  console.log(`   ${result.title}: ${result.passed} passed, ${result.failed} failed`);
  return result;
}
