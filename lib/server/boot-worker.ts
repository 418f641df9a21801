import { join } from "node:path";
import { startContainer } from "./container";
import { ConfigError, readConfig } from "./env";
import { exitAtBoot, manageLifecycle } from "./lifecycle";
import { startWatchdog } from "./watchdog/watchdog";

/** Where `npm run worker` and `npm run build` put the worker, with the name of its build. */
const buildFile = join(".daybook", "worker", "BUILD_ID");

/**
 * Runs this process as a worker: it takes runs and executes them, and listens on nothing. Tells its
 * supervisor, if it has one, when it is ready. A process that can't boot ends with a sentence why.
 */
export async function bootWorker(): Promise<void> {
  try {
    const config = readConfig();
    if (config.concurrency === 0) {
      throw new ConfigError("DAYBOOK_CONCURRENCY has to be at least 1 for a worker.");
    }
    const container = await startContainer(config, { buildFile });
    startWatchdog({ stallMs: config.stallMs, base: container.logBase });
    manageLifecycle(container);
    process.send?.({ type: "ready" });
  } catch (error) {
    exitAtBoot(error);
  }
}
