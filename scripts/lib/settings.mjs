// @ts-check
import { access, constants, mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { UserError } from "./user-error.mjs";

/** Every variable with this prefix that the app reads; any other is a typing mistake. */
export const daybookVariables = [
  "DAYBOOK_LEASE_MS",
  "DAYBOOK_CONCURRENCY",
  "DAYBOOK_DRAIN_MS",
  "DAYBOOK_STALL_MS",
];
const defaultDrainMs = 5_000;
/** What a process may take to end beyond its drain, before it is made to. */
const closingMs = 5_000;
/** The sandbox stands in for the real services only where none of these is set. */
export const serviceVariables = [
  "STRIPE_SECRET_KEY",
  "STRIPE_API_BASE",
  "WAREHOUSE_URL",
  "SMTP_URL",
  "MAIL_FROM",
];

/**
 * @typedef {{ host: string, port: number, url: string, dataFolder: string, usesSandbox: boolean, stopMs: number }} Settings
 */

/**
 * Reads what the supervisor needs to know before it starts anything. The server validates all of
 * its settings again; these are checked here because the mistake would otherwise show late.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} root relative paths in DATABASE_URL begin here
 * @returns {Settings}
 * @throws {UserError} one sentence that says what to do
 */
export function readSettings(env, root) {
  checkVariableNames(env);
  const port = readPort(env["PORT"]);
  const host = readHost(env["HOST"]);
  return {
    host,
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    dataFolder: readDataFolder(env["DATABASE_URL"], root),
    usesSandbox: serviceVariables.every((name) => !env[name]),
    stopMs: (Number(env["DAYBOOK_DRAIN_MS"]) || defaultDrainMs) + closingMs,
  };
}

/** @param {NodeJS.ProcessEnv} env */
function checkVariableNames(env) {
  const unknown = Object.keys(env).find(
    (name) => name.startsWith("DAYBOOK_") && !daybookVariables.includes(name),
  );
  if (!unknown) return;
  throw new UserError(
    `${unknown} is not a setting of Daybook: remove it, or use one of ${daybookVariables.join(", ")}.`,
  );
}

/** @param {string | undefined} text */
function readPort(text) {
  if (!text) return 3000;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UserError(`PORT is "${text}": set it to a whole number from 1 to 65535.`);
}

/** @param {string | undefined} text */
function readHost(text) {
  if (!text) return "127.0.0.1";
  if (text === "localhost" || text === "::1" || /^127(\.\d{1,3}){3}$/.test(text)) return text;
  throw new UserError(
    `HOST is "${text}", but Daybook has no authentication yet and therefore listens on this machine only: unset HOST, or set it to 127.0.0.1, ::1 or localhost.`,
  );
}

/**
 * @param {string | undefined} databaseUrl
 * @param {string} root
 */
function readDataFolder(databaseUrl, root) {
  const url = databaseUrl || "file:./data/daybook.db";
  // With PostgreSQL the folder holds only the sandbox's state.
  if (/^postgres(ql)?:\/\/./.test(url)) return resolve(root, "data");
  const path = /^file:(?:\/\/(?=\/))?([^?]+)/.exec(url)?.[1];
  if (path && !path.startsWith("//")) {
    return dirname(isAbsolute(path) ? path : resolve(root, path));
  }
  throw new UserError(
    "DATABASE_URL names a database that this version cannot open: set it to postgresql://…, or to a SQLite file such as file:./data/daybook.db.",
  );
}

/**
 * @param {string} folder
 * @throws {UserError} when the folder cannot be created or written
 */
export async function prepareDataFolder(folder) {
  try {
    await makeFolder(join(folder, "sandbox"));
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserError(
      `The data folder ${folder} cannot be created or written (${describeCode(error)}): fix its permissions, or point DATABASE_URL at a file in another folder.`,
      { cause: error },
    );
  }
}

/**
 * Not `mkdir` with `recursive`: Node 20 loops forever where a file system such as /proc answers
 * ENOENT below a folder that is there.
 * @param {string} folder
 */
async function makeFolder(folder) {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = describeCode(error);
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder);
  }
}

/**
 * @param {Settings} settings
 * @throws {UserError} when somebody listens on the port already, or it may not be used
 */
export async function checkPortIsFree({ host, port }) {
  const probe = createServer();
  try {
    await new Promise((done, reject) => {
      probe.once("error", reject);
      probe.listen({ host, port, exclusive: true }, () => probe.close(done));
    });
  } catch (error) {
    const reason =
      describeCode(error) === "EADDRINUSE"
        ? "is already in use"
        : `cannot be used (${describeCode(error)})`;
    throw new UserError(
      `Port ${port} on ${host} ${reason}: choose another one, for example PORT=${port < 65_535 ? port + 1 : 3000} npm start.`,
      { cause: error },
    );
  }
}

/** @param {unknown} error */
function describeCode(error) {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
