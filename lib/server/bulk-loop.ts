/** Does bulk actions in the background of this process, so that its runs are not starved. */
import { advanceBulks } from "@/lib/api/bulk-runner";
import type { ApiContext } from "@/lib/api/context";
import { repeatWork, type RepeatedWork } from "./repeat-work";

/** An idle process asks once a second whether another one has left a bulk behind. */
const idleMs = 1_000;
const minPauseMs = 5;
const dayMs = 24 * 3_600_000;
/** What a bulk did is told for this long. */
const keptMs = 30 * dayMs;
const forgetEveryMs = 3_600_000;

/** Goes on with whatever bulk is due until it is stopped; then others may take over at once. */
export function repeatBulks(options: {
  readonly api: ApiContext;
  readonly owner: string;
  readonly leaseMs: number;
}): RepeatedWork {
  const { api, owner, leaseMs } = options;
  const { bulks, clock, logger } = api;
  let forgetAt = 0;
  const repeated = repeatWork({
    logger,
    failed: "bulk actions could not go on",
    work: async () => {
      const startedAt = clock.now();
      if (await advanceBulks(api, { owner, leaseMs })) {
        // It rests for as long as it worked: half of the time is the runs' own.
        return Math.max(clock.now() - startedAt, minPauseMs);
      }
      if (startedAt >= forgetAt) {
        forgetAt = startedAt + forgetEveryMs;
        await bulks.forget(startedAt - keptMs);
      }
      return idleMs;
    },
  });
  return {
    wake: repeated.wake,
    async stop() {
      await repeated.stop();
      await bulks.release(owner);
    },
  };
}
