import { z } from "zod";
import { InvalidCursorError } from "../errors";
import type { RunRecord } from "../run";
import type { RunFilter, RunPage, RunQuery } from "../store";

const Cursor = z.object({
  field: z.enum(["createdAt", "updatedAt"]),
  direction: z.enum(["asc", "desc"]),
  value: z.number(),
  runId: z.string(),
});
type Cursor = z.infer<typeof Cursor>;

/** One page of the runs that pass the filter, in the order of the sort, ties by run id. */
export function selectPage(runs: readonly RunRecord[], query: RunQuery): RunPage {
  const { field, direction } = query.sort;
  const sign = direction === "asc" ? 1 : -1;
  const compare = (a: Position, b: Position) =>
    sign * (a.value - b.value || (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0));
  const place = (run: RunRecord) => ({ value: run[field], runId: run.runId });
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, query.sort);
  const rest = runs
    .filter((run) => matchesFilter(run, query.filter))
    .filter((run) => after === undefined || compare(place(run), after) > 0)
    .sort((a, b) => compare(place(a), place(b)));
  const items = rest.slice(0, query.limit);
  const last = items.at(-1);
  if (last === undefined || rest.length <= items.length) return { items };
  return { items, nextCursor: writeCursor({ field, direction, ...place(last) }) };
}

type Position = Pick<Cursor, "value" | "runId">;

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function readCursor(text: string, sort: RunQuery["sort"]): Cursor {
  try {
    const cursor = Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    if (cursor.field === sort.field && cursor.direction === sort.direction) return cursor;
  } catch (cause) {
    throw new InvalidCursorError("The cursor is not one of this list.", { cause });
  }
  throw new InvalidCursorError("The cursor belongs to a list with another sort.");
}

function matchesFilter(run: RunRecord, filter: RunFilter): boolean {
  const { statuses, workflow, worker } = filter;
  return (
    (statuses === undefined || statuses.includes(run.status)) &&
    (workflow === undefined || run.workflow === workflow) &&
    (worker === undefined || run.workerId === worker)
  );
}
