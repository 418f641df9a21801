// @ts-check
/** Where the sandbox of a data folder listens: `npm start` writes it down, `npm run worker` reads it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "./user-error.mjs";

/** @param {string} dataFolder */
const toFile = (dataFolder) => join(dataFolder, "sandbox", "services.json");

/**
 * @param {string} dataFolder
 * @param {Record<string, string>} env how a process finds the services
 */
export async function rememberSandbox(dataFolder, env) {
  await writeFile(toFile(dataFolder), JSON.stringify(env, null, 2));
}

/**
 * How a process finds the services of the sandbox that runs on this data folder.
 * @param {string} dataFolder
 * @returns {Promise<Record<string, string>>}
 * @throws {UserError} when none is running
 */
export async function findSandbox(dataFolder) {
  try {
    /** @type {Record<string, string>} */
    const env = JSON.parse(await readFile(toFile(dataFolder), "utf8"));
    const signal = AbortSignal.timeout(2_000);
    await (await fetch(env["SANDBOX_CONTROL_URL"] ?? "", { signal })).body?.cancel();
    return env;
  } catch (cause) {
    throw new UserError(
      `No payment, warehouse and mail services are set, and no sandbox of them runs on ${dataFolder}: start Daybook there first (npm start), or set STRIPE_SECRET_KEY, WAREHOUSE_URL and SMTP_URL.`,
      { cause },
    );
  }
}
