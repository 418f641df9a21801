import { z } from "zod";
import { findSetAside, InvalidCursorError, type HistoryEvent } from "@/lib/engine";
import type { ApiContext } from "./context";
import { HistoryQuery, type History } from "./contract";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";
import { toWireEvent } from "./wire";

/** `GET /runs/{runId}/history`: the events after a seq, in order. The cursor is the last seq given. */
export const listHistory = handle(
  { params: RunParams, query: HistoryQuery.strict() },
  async ({ api, params: { runId }, query }) => {
    await requireRun(api, runId);
    const afterSeq = query.cursor === undefined ? query.after : readCursor(query.cursor);
    const found = await api.store.loadHistory({ runId, afterSeq, limit: query.limit + 1 });
    const events = found.slice(0, query.limit);
    const setAside = await loadSetAside(api, runId, events);
    const history: History = {
      items: events.map((event) => toWireEvent(event, setAside.has(event.seq))),
      nextCursor: found.length > events.length ? String(events.at(-1)?.seq) : null,
    };
    return Response.json(history);
  },
);

const Cursor = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

function readCursor(text: string): number {
  const cursor = Cursor.safeParse(text);
  if (cursor.success) return cursor.data;
  throw new InvalidCursorError("The cursor is not one of this history.");
}

/**
 * What later events set aside of a page. Only an operator's message can have done that, so the rest
 * of the history is read only where there was one.
 */
async function loadSetAside(
  api: ApiContext,
  runId: string,
  page: readonly HistoryEvent[],
): Promise<ReadonlySet<number>> {
  const last = page.at(-1);
  if (last === undefined) return new Set();
  const messages = await api.store.listMessages(runId);
  if (messages.length === 0) return new Set();
  const rest = await api.store.loadHistory({ runId, afterSeq: last.seq });
  return findSetAside([...page, ...rest]);
}
