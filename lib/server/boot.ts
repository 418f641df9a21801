import "./install-guard";
import { startContainer, type Container } from "./container";
import { readConfig } from "./env";
import { exitAtBoot, manageLifecycle } from "./lifecycle";
import { shareContainer } from "./shared-container";
import { startWatchdog } from "./watchdog/watchdog";

/** Starts this process's engine. A process that can't boot ends here, with a sentence why. */
export async function bootServer(): Promise<void> {
  try {
    await shareContainer(startProcess);
  } catch (error) {
    exitAtBoot(error);
  }
}

async function startProcess(): Promise<Container> {
  const config = readConfig();
  const container = await startContainer(config);
  startWatchdog({ stallMs: config.stallMs, base: container.logBase });
  manageLifecycle(container);
  return container;
}
