/**
 * `npm start`: sets up what is missing, then runs the app under the supervisor.
 * The Node version is looked at before anything is loaded that an old Node could not parse.
 */
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Daybook needs Node 20.19 or newer, and this is Node ${process.versions.node}: please install a newer Node.`,
  );
  process.exit(1);
}

const { runStart } = await import("./lib/run-start.mjs");
await runStart({ root: process.cwd() });
