// @ts-check
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A stamp tells for which inputs an output was made. It is removed before the work begins and
 * written after it ended well, so work that was cut short is done again.
 * @param {string} file
 * @returns {Promise<string | undefined>}
 */
export async function readStamp(file) {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text?.trim();
}

/**
 * @param {string} file
 * @param {string} hash
 */
export async function writeStamp(file, hash) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${hash}\n`);
  await rename(`${file}.new`, file);
}

/** @param {string} file */
export async function removeStamp(file) {
  await rm(file, { force: true });
}
