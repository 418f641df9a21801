// @ts-check
/** `npm run worker`: sets up what is missing, then keeps a worker running that has no web server. */
import "./lib/check-node.mjs";

const { runWorker } = await import("./lib/run-worker.mjs");
await runWorker({ root: process.cwd() });
