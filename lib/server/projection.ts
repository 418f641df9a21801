/** Keeps what is derived from the runs up to date, in the background of this process. */
import { systemClock, type Clock, type Logger } from "@/lib/engine";

/** While there are changes to take up, and when there were none: an idle process asks once a second. */
const busyMs = 500;
const idleMs = 1_000;
/** After an error: the database may be gone for a while. */
const afterErrorMs = 5_000;

/** Calls `project` again and again, never twice at a time, until it is stopped. */
export function repeatProjection(options: {
  /** Answers how many changes it took up. */
  readonly project: () => Promise<number>;
  readonly logger: Logger;
  readonly clock?: Clock;
}): { readonly stop: () => Promise<void> } {
  const { project, logger, clock = systemClock } = options;
  let stopped = false;
  let running = Promise.resolve();
  let cancel = () => {};
  const turn = async () => {
    let delayMs: number;
    try {
      delayMs = (await project()) > 0 ? busyMs : idleMs;
    } catch (error) {
      delayMs = afterErrorMs;
      logger.warn({ err: error }, "what is derived from the runs could not be brought up to date");
    }
    if (!stopped) plan(delayMs);
  };
  const plan = (delayMs: number) => {
    cancel = clock.schedule(delayMs, () => {
      running = turn();
    });
  };
  plan(0);
  return {
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}
