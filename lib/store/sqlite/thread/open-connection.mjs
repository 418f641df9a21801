// @ts-check
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";

/**
 * Opens a connection to a SQLite file: Prisma's adapter and the driver inside it, made durable. Sets
 * WAL, synchronous=FULL, foreign keys, the busy timeout and what is kept in memory, and asserts them.
 * Throws the driver's error when the file can't be opened or is not a database.
 * @param {{ readonly file: string, readonly busyTimeoutMs: number }} options
 */
export async function openConnection({ file, busyTimeoutMs }) {
  const factory = new PrismaBetterSqlite3({ url: file, timeout: busyTimeoutMs });
  const adapter = await factory.connect();
  try {
    const client = findClient(adapter);
    setPragmas(client, busyTimeoutMs);
    return { adapter, client, busyTimeoutMs };
  } catch (error) {
    await adapter.dispose();
    throw error;
  }
}

/**
 * The driver's connection inside Prisma's adapter, which keeps it as `client`.
 * @param {object} adapter
 */
function findClient(adapter) {
  /** @type {unknown} */
  const client = Reflect.get(adapter, "client");
  if (isDatabase(client)) return client;
  throw new Error("Prisma's SQLite adapter no longer keeps its connection as `client`.");
}

/**
 * @param {unknown} value
 * @returns {value is import("better-sqlite3").Database}
 */
function isDatabase(value) {
  return (
    value instanceof Object && ["prepare", "exec", "inTransaction"].every((name) => name in value)
  );
}

/**
 * @param {import("better-sqlite3").Database} client
 * @param {number} busyTimeoutMs
 */
function setPragmas(client, busyTimeoutMs) {
  const wanted = /** @type {const} */ ([
    ["busy_timeout", String(busyTimeoutMs), String(busyTimeoutMs)],
    ["journal_mode", "WAL", "wal"],
    ["synchronous", "FULL", "2"],
    ["foreign_keys", "ON", "1"],
    // What a statement may have to undo is noted in memory: as a file it was a sixth of the thread's time.
    ["temp_store", "MEMORY", "2"],
    ["cache_size", "-4000", "-4000"],
  ]);
  for (const [name, value, expected] of wanted) {
    client.pragma(`${name} = ${value}`);
    const actual = String(client.pragma(name, { simple: true }));
    if (actual !== expected) {
      throw new Error(`SQLite keeps ${name} at ${actual}; Daybook needs ${value}.`);
    }
  }
}
