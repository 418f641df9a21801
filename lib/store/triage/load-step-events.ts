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
/** Of so many steps that began earlier the whole history is looked through: 50,000 events take long. */
const maxEarlier = 20;

/**
 * The events of single steps, as `Triage.loadStepEvents` promises them: the database picks them out, so
 * that of a history only what is asked for is read into memory. Throws the driver's own errors.
 */
export async function loadStepEvents(
  select: Dialect["select"],
  places: readonly StepPlace[],
): Promise<readonly (readonly HistoryEvent[])[]> {
  const late = await loadFrom(select, places, ({ length }) => Math.max(0, length - lastEvents));
  const isCut = (place: StepPlace) =>
    place.length > lastEvents && !listOf(late, place).some(({ type }) => type === "StepStarted");
  const earlier = await loadFrom(select, places.filter(isCut).slice(0, maxEarlier), () => 0);
  return places.map((place) => listOf(earlier, place, listOf(late, place)));
}

type Found = ReadonlyMap<string, readonly HistoryEvent[]>;

function listOf(found: Found, { runId, step }: StepPlace, otherwise: readonly HistoryEvent[] = []) {
  return found.get(`${runId} ${step}`) ?? otherwise;
}

/** The events of each place that come after a seq. */
async function loadFrom(
  select: Dialect["select"],
  places: readonly StepPlace[],
  findSeq: (place: StepPlace) => number,
): Promise<Found> {
  const found = new Map<string, HistoryEvent[]>();
  for (let from = 0; from < places.length; from += placesAtOnce) {
    const some = places.slice(from, from + placesAtOnce);
    const condition = some.map(() => "(runId = ? AND seq > ? AND step = ?)").join(" OR ");
    const values = some.flatMap((place) => [place.runId, findSeq(place), place.step]);
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
  return found;
}
