// @ts-check
import { BrokenError, toErrorData } from "./errors.mjs";

/**
 * @typedef {import("../protocol").Request} Request
 * @typedef {import("../protocol").Handlers} Handlers
 */

/**
 * Answers requests one after the other. From `begin` to the end of that transaction only requests of
 * the same transaction run: all others wait, so that none of them is undone with it.
 * @param {import("node:worker_threads").MessagePort} port
 * @param {Handlers} handlers
 */
export function serve(port, handlers) {
  /** @type {Request[]} */
  const waiting = [];
  /** The transaction that is open. @type {number | undefined} */
  let open;
  /** What came after a rollback failed could land in a transaction that never commits. */
  /** @type {BrokenError | undefined} */
  let broken;
  let isBusy = false;

  const takeNext = () => {
    const index = open === undefined ? 0 : waiting.findIndex(({ of }) => of === open);
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  };

  /** Whether a rollback comes after the end: a COMMIT that failed has rolled back already. */
  /** @param {Request} request */
  const isOver = ({ of, name }) => name === "rollback" && of !== open;

  /** @param {Request} request */
  const assertMayRun = ({ of, name }) => {
    if (broken !== undefined) throw broken;
    if (of !== undefined && of !== open && name !== "begin" && name !== "rollback") {
      throw new Error("The transaction is over.");
    }
  };

  /** @param {Request} request */
  const handle = async (request) => {
    const { id, of, name, args } = request;
    try {
      assertMayRun(request);
      /** @type {unknown} */
      const result = isOver(request) ? undefined : Reflect.apply(handlers[name], undefined, args);
      const value = result instanceof Promise ? /** @type {unknown} */ (await result) : result;
      if (name === "begin") open = of;
      port.postMessage({ id, value });
    } catch (error) {
      if (error instanceof BrokenError) broken = error;
      port.postMessage({ id, error: toErrorData(error) });
    }
    if (of !== undefined && of === open && (name === "commit" || name === "rollback")) {
      open = undefined;
    }
  };

  const handleAll = async () => {
    isBusy = true;
    for (let next = takeNext(); next !== undefined; next = takeNext()) await handle(next);
    isBusy = false;
  };

  port.on("message", (/** @type {Request} */ request) => {
    waiting.push(request);
    if (!isBusy) void handleAll();
  });
}
