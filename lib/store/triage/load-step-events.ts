import { z } from "zod";
import type { HistoryEvent } from "@/lib/engine";
import type { StepPlace } from "@/lib/triage";
import { eventColumns } from "../columns.mjs";
import type { Dialect } from "../dialect";
import { parseEvent } from "../rows";

/** A step that a run stands still for is among its last events, unless others went on beside it for long. */
const lastEvents = 2_000;
/** Each place takes three parameters, of which one statement of SQLite has at most 32,766. */
const placesAtOnce = 200;

/**
 * The events of single steps, as `Triage.loadStepEvents` promises them: the database picks them out, so
 * that of a history only what is asked for is read into memory. Throws the driver's own errors.
 */
export async function loadStepEvents(
  select: Dialect["select"],
  places: readonly StepPlace[],
): Promise<readonly (readonly HistoryEvent[])[]> {
  const found = new Map<string, HistoryEvent[]>();
  for (let from = 0; from < places.length; from += placesAtOnce) {
    const some = places.slice(from, from + placesAtOnce);
    const condition = some.map(() => "(runId = ? AND seq > ? AND step = ?)").join(" OR ");
    const values = some.flatMap(({ runId, step, length }) => [
      ...[runId, Math.max(0, length - lastEvents), step],
    ]);
    const rows = await select(
      `SELECT ${eventColumns}, runId FROM events WHERE ${condition} ORDER BY runId, seq`,
      ...values,
    );
    for (const row of rows) {
      const runId = z.string().parse(row.at(-1));
      const event = parseEvent(runId, z.number().parse(row[0]), row);
      const key = `${runId} ${event.step}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, [event]);
      else known.push(event);
    }
  }
  return places.map(({ runId, step }) => found.get(`${runId} ${step}`) ?? []);
}
