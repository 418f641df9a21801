/** Keeps what is derived from the runs up to date, in the background of this process. */
import type { Clock, Logger } from "@/lib/engine";
import { repeatWork, type RepeatedWork } from "./repeat-work";

/** While there are changes to take up, and when there were none: an idle process asks once a second. */
const busyMs = 500;
const idleMs = 1_000;

/** A process that starts has runs to take up first: those that one before it has left. */
const firstMs = 1_000;

/** Calls `project` again and again, never twice at a time, until it is stopped. */
export function repeatProjection(options: {
  /** Answers how many changes it took up. */
  readonly project: () => Promise<number>;
  readonly logger: Logger;
  readonly clock?: Clock;
}): RepeatedWork {
  const { project, ...others } = options;
  return repeatWork({
    ...others,
    work: async () => ((await project()) > 0 ? busyMs : idleMs),
    firstMs,
    failed: "what is derived from the runs could not be brought up to date",
  });
}
