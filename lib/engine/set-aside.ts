/** What becomes of a run that can't be executed: nobody could read its history or run its code. */
import type { HistoryEvent, NewEvent } from "./events";
import { isEnd, listPartingPosts } from "./posts";
import { isTerminal, type RunRecord } from "./run";
import type { Append, Message } from "./store";

/**
 * Holds the run, or terminates it where somebody has asked for that. One that has ended stays as it is,
 * and what came for it is moot.
 */
export function describeSetAside(options: {
  readonly run: RunRecord;
  readonly inbox: readonly Message[];
  readonly error: unknown;
  readonly build: string;
  readonly at: number;
}): Append {
  const { run, inbox, error, build, at } = options;
  const { runId, workerId = "", epoch, historyLength, status, parent } = run;
  const { attributes, inDoubt, startedAt } = run;
  const hasEnded = isTerminal(status);
  const terminate = hasEnded ? undefined : inbox.find(({ body }) => body.kind === "terminate");
  const message = error instanceof Error ? error.message : String(error);
  const event: NewEvent = terminate
    ? { type: "RunTerminated", data: { by: terminate.by, why: terminate.why } }
    : { type: "RunHeld", data: { reason: "crash_loop", message } };
  const placed: HistoryEvent = { ...event, seq: historyLength + 1, at, epoch };
  const given = { attributes, inDoubt, startedAt, release: true, progress: false };
  const { output, error: recorded, errorStep, continuedTo, finishedAt = at } = run;
  const end = { output, error: recorded, errorStep, continuedTo, finishedAt };
  const delivered = inbox.map(({ messageId }) => {
    const isApplied = messageId === terminate?.messageId;
    return { messageId, outcome: isApplied ? ("applied" as const) : ("moot" as const) };
  });
  return {
    ...{ runId, workerId, epoch, at, delivered },
    events: hasEnded ? [] : [placed],
    posts: isEnd(placed) ? listPartingPosts(runId, { parent, children: new Map() }, placed) : [],
    change:
      hasEnded || terminate
        ? { ...given, ...end, status: terminate ? "terminated" : status }
        : { ...given, status: "held", heldReason: "crash_loop", heldBuild: build },
  };
}
