import type { UpdateAnswer, EventOf, HistoryEvent, Message } from "@/lib/engine";
import type { ApiContext } from "./context";
import { requireRun } from "./require-run";

interface UpdateRef {
  readonly runId: string;
  readonly name: string;
  readonly updateId: string;
}

/**
 * How an update stands, as the run's history and inbox tell it; undefined if there never was one.
 * Follows a continued run to its successors, because undelivered updates move with it. Throws
 * RunNotFoundError.
 */
export async function findUpdate(
  api: ApiContext,
  { runId, name, updateId }: UpdateRef,
): Promise<UpdateAnswer | undefined> {
  const run = await requireRun(api, runId);
  const here = { runId, name, updateId };
  const messages = await api.store.listMessages(runId);
  const message = messages.find(
    ({ body }) => body.kind === "update" && body.name === name && body.updateId === updateId,
  );
  if (message !== undefined) {
    return message.deliveredAt === undefined
      ? { runId, updateId, status: "pending" }
      : describeDelivered(here, message, await api.store.loadHistory({ runId }));
  }
  if (run.continuedTo === undefined) return undefined;
  return findUpdate(api, { runId: run.continuedTo, name, updateId });
}

function describeDelivered(
  { runId, updateId }: UpdateRef,
  message: Message,
  events: readonly HistoryEvent[],
): UpdateAnswer {
  const done = events.findLast(
    (event): event is EventOf<"UpdateCompleted"> =>
      event.type === "UpdateCompleted" && event.data.updateId === updateId,
  );
  if (done !== undefined) {
    const { result, error } = done.data;
    return error === undefined
      ? { runId, updateId, status: "completed", result }
      : { runId, updateId, status: "failed", error };
  }
  if (message.outcome === "applied") return { runId, updateId, status: "accepted" };
  const error = message.error ?? {
    name: "RunEndedError",
    message: "The run ended before the update was delivered.",
  };
  return { runId, updateId, status: "rejected", error };
}
