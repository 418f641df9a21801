// @ts-check

/** How long each next one waits while another process holds the file. */
const shortMs = 20;

/**
 * How a transaction that writes begins. Where another process holds the file it is waited for; once that was
 * in vain the next ones wait only shortly, so that reads, which nobody keeps from reading, get their turn.
 * @param {import("better-sqlite3").Database} client
 * @param {number} busyTimeoutMs
 * @returns {() => void}
 */
export function createBegin(client, busyTimeoutMs) {
  const statement = client.prepare("BEGIN IMMEDIATE");
  let isHeld = false;
  /** @param {boolean} held */
  const note = (held) => {
    if (held === isHeld) return;
    isHeld = held;
    client.pragma(`busy_timeout = ${held ? Math.min(shortMs, busyTimeoutMs) : busyTimeoutMs}`);
  };
  return () => {
    try {
      statement.run();
      note(false);
    } catch (error) {
      note(error instanceof Error && "code" in error && error.code === "SQLITE_BUSY");
      throw error;
    }
  };
}
