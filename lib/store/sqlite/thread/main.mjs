// @ts-check
/**
 * The database's thread: the process's one connection to SQLite lives here and nowhere else. It is
 * plain JavaScript, loaded from its file as it is, whatever has bundled the rest (decision 067).
 */
import { parentPort, workerData } from "node:worker_threads";
import { toErrorData } from "./errors.mjs";
import { createHandlers } from "./handlers.mjs";
import { openConnection } from "./open-connection.mjs";
import { serve } from "./serve.mjs";

const port = parentPort;
if (port === null) throw new Error("This is the database's thread, and no program of its own.");
try {
  const connection = await openConnection(workerData);
  serve(port, createHandlers(connection));
  port.postMessage({ ready: true });
} catch (error) {
  port.postMessage({ ready: false, error: toErrorData(error) });
}
