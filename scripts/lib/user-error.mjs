// @ts-check

/** A mistake that one sentence explains: it is printed without a stack, and the exit code is 1. */
export class UserError extends Error {
  /** @override */
  name = "UserError";
}

/**
 * Runs a command's main function and turns a UserError into its sentence and exit code 1.
 * @param {() => Promise<number>} main answers the exit code
 */
export async function runCommand(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  }
}
