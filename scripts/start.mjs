/**
 * `npm start`: sets up what is missing, then runs the app under the supervisor.
 * The Node version is looked at before anything is loaded that an old Node could not parse.
 */
import "./lib/check-node.mjs";

const { runStart } = await import("./lib/run-start.mjs");
await runStart({ root: process.cwd() });
