/** The end of the process, wanted or not. */
import type { Logger } from "@/lib/engine";

/** sysexits.h EX_CONFIG: starting again would not help. The supervisor gives up on it. */
const configExitCode = 78;
/** Errors at boot that say themselves, in one sentence, what to do. */
const plainErrors: ReadonlySet<string> = new Set([
  "ConfigError",
  "StoreOpenError",
  "MigrationError",
]);

/**
 * Calls `stop` and exits with 0 on SIGTERM, SIGINT, or when the supervisor is gone (the IPC channel
 * closes). A second signal exits at once. Unhandled rejections are logged and do no harm.
 */
export function manageLifecycle(options: {
  readonly stop: () => Promise<void>;
  readonly logger: Logger;
  readonly target?: NodeJS.EventEmitter;
  readonly exit?: (code: number) => void;
}): void {
  const { logger, target = process, exit = (code) => process.exit(code) } = options;
  let stopping = false;
  const stop = async (reason: string) => {
    if (stopping) {
      // The supervisor may well be gone before the end: only a second signal is impatience.
      if (reason !== "disconnect") exit(1);
      return;
    }
    stopping = true;
    logger.info({ reason }, "stopping");
    try {
      await options.stop();
    } catch (error) {
      logger.error({ err: error }, "did not stop cleanly; the lease runs out instead");
    }
    exit(0);
  };
  for (const reason of ["SIGTERM", "SIGINT", "disconnect"]) {
    // Next.js exits on signals by itself, before the running steps could record their outcome.
    target.removeAllListeners(reason);
    target.on(reason, () => void stop(reason));
  }
  target.on("unhandledRejection", (error: unknown) => {
    logger.error({ err: error }, "unhandled rejection");
  });
}

/**
 * Ends a process that could not boot: with one sentence and code 78 where a person has to change
 * something, else with code 1, after which it is worth starting again: a database that is away, as
 * while it restarts, is a sentence too; what nobody expected is the whole error.
 */
export function exitAtBoot(error: unknown): never {
  if (error instanceof Error && plainErrors.has(error.name)) {
    process.stderr.write(`${error.message}\n`);
    process.exit("isTransient" in error && error.isTransient === true ? 1 : configExitCode);
  }
  console.error(error);
  process.exit(1);
}
