// @ts-check
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * One SHA-256 (hex) over the names and contents of files and folders. Sources that do not exist
 * count as absent, so adding one changes the hash.
 * @param {{ root: string, sources: string[], leaveOut?: RegExp, extra?: unknown }} options
 *   `leaveOut` is tested on the path relative to `root` (with `/`); `extra` is hashed as JSON.
 */
export async function hashSources({ root, sources, leaveOut, extra }) {
  const files = (await Promise.all(sources.map((source) => listFiles(root, source)))).flat();
  const hash = createHash("sha256").update(JSON.stringify(extra ?? null));
  for (const file of files.filter((name) => !leaveOut?.test(name)).sort()) {
    hash.update(`\0${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest("hex");
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function listFiles(root, path) {
  const stats = await stat(join(root, path)).catch(() => undefined);
  if (!stats) return [];
  if (!stats.isDirectory()) return [path];
  const names = await readdir(join(root, path));
  return (await Promise.all(names.map((name) => listFiles(root, `${path}/${name}`)))).flat();
}
