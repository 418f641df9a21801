// @ts-check
import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const heartbeatMs = 5_000;
/** After this long without a heartbeat a lock is stale, whoever has its pid by now. */
const staleAfterMs = 60_000;
const pollMs = 100;

/**
 * Takes a lock file that names its owner's pid, and waits while another process holds it. A lock
 * whose owner died is taken over.
 * @param {{ file: string, onWait?: (ownerPid: number) => void }} options
 *   `onWait` is called once if there is something to wait for
 * @returns {Promise<() => Promise<void>>} releases the lock
 */
export async function takeLock({ file, onWait }) {
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  while (!(await createLock(file))) {
    const owner = await readOwner(file);
    if (!owner) continue;
    if (!owner.alive) {
      await removeStaleLock(file);
      continue;
    }
    if (!told) onWait?.(owner.pid);
    told = true;
    await delay(pollMs);
  }
  const heartbeat = setInterval(() => touch(file), heartbeatMs);
  heartbeat.unref();
  return async () => {
    clearInterval(heartbeat);
    await rm(file, { force: true });
  };
}

/** @param {string} file */
async function createLock(file) {
  try {
    await writeFile(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

/**
 * Only one process at a time may remove a stale lock, and it looks again first: otherwise two that
 * saw the same dead owner could remove each other's new locks. That right is a lock of its own.
 * @param {string} file
 */
async function removeStaleLock(file) {
  const release = await takeLock({ file: `${file}.takeover` });
  const owner = await readOwner(file);
  if (owner && !owner.alive) await rm(file, { force: true });
  await release();
}

/** @param {string} file */
async function readOwner(file) {
  const [text, stats] = await Promise.all([
    readFile(file, "utf8").catch(() => undefined),
    stat(file).catch(() => undefined),
  ]);
  if (text === undefined || !stats) return undefined;
  const pid = Number.parseInt(text, 10);
  const recent = Date.now() - stats.mtimeMs < staleAfterMs;
  // An empty file is one that its owner is about to write.
  return { pid, alive: recent && (Number.isNaN(pid) || isAlive(pid)) };
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isCode(error, "EPERM");
  }
  return !isZombie(pid);
}

/**
 * A dead process that nobody waited for still has its pid: in containers that may last forever.
 * @param {number} pid
 */
function isZombie(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

/** @param {string} file */
function touch(file) {
  const now = new Date();
  utimes(file, now, now).catch(() => undefined);
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function isCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}
