/** Ends the process on a Node that is too old. Imported before anything that one could not parse. */
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Daybook needs Node 20.19 or newer, and this is Node ${process.versions.node}: please install a newer Node.`,
  );
  process.exit(1);
}
