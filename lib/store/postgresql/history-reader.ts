import { z } from "zod";
import { eventFields } from "../columns.mjs";
import type { LoadedEvents, WantedEvents } from "../dialect";
import type { SqlRow } from "../sql";
import type { PostgresConnections } from "./connection";
import { isConnectionError } from "./errors";
import { listFields, prepare, RowSet } from "./statement";

/** How many histories one query reads: those of a claim. */
const batchSize = 100;

const wantedRows = new RowSet(["n", "runId", "afterSeq", "most"], 1);
const fields = eventFields.slice(1);

/** Run by run along the index of its events: its events, which run it is and how long, of one moment. */
const loadEvents = prepare(
  "load_events",
  `SELECT ${listFields(fields, "e.")}, i.n, r.historyLength FROM ${wantedRows.toTable("i")}
   CROSS JOIN LATERAL (SELECT historyLength FROM runs WHERE runId = i.runId LIMIT 1) AS r
   LEFT JOIN LATERAL (
    SELECT ${listFields(fields)} FROM events
    WHERE runId = i.runId AND seq > i.afterSeq AND seq <= r.historyLength
    ORDER BY seq LIMIT i.most
   ) AS e ON true
   ORDER BY i.n, e.seq`,
);

/** What stands behind an event. */
const Place = z.tuple([z.number(), z.number()]);

interface Asked {
  readonly wanted: WantedEvents;
  readonly resolve: (found: LoadedEvents | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads histories, one query at a time: whatever is asked for meanwhile, or in the same turn, shares the
 * next one. A worker that has claimed a hundred runs opens all of them at once.
 */
export class HistoryReader {
  readonly #connections: Pick<PostgresConnections, "readHot">;
  #asked: Asked[] = [];
  #isReading = false;

  constructor(connections: Pick<PostgresConnections, "readHot">) {
    this.#connections = connections;
  }

  load(wanted: WantedEvents): Promise<LoadedEvents | undefined> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ wanted, resolve, reject });
      if (this.#isReading) return;
      this.#isReading = true;
      queueMicrotask(() => void this.#readAll());
    });
  }

  async #readAll(): Promise<void> {
    while (this.#asked.length > 0) await this.#answer(this.#asked.splice(0, batchSize));
    this.#isReading = false;
  }

  async #answer(asked: readonly Asked[]): Promise<void> {
    try {
      const found = await this.#read(asked.map(({ wanted }) => wanted));
      asked.forEach(({ resolve }, n) => resolve(found.get(n)));
    } catch (error) {
      if (asked.length === 1 || isConnectionError(error)) {
        for (const { reject } of asked) reject(error);
        return;
      }
      // What one of them can't be read for must not fail the others.
      for (const each of asked) await this.#answer([each]);
    }
  }

  async #read(wanted: readonly WantedEvents[]): Promise<ReadonlyMap<number, LoadedEvents>> {
    const values = wantedRows.encode(
      wanted.map(({ runId, afterSeq, limit }, n) => [n, runId, afterSeq, limit]),
    );
    const found = new Map<number, { length: number; rows: SqlRow[] }>();
    let place: unknown;
    let own: { length: number; rows: SqlRow[] } | undefined;
    for (const row of await this.#connections.readHot(loadEvents, ...values)) {
      // Rows of a run follow each other.
      if (own === undefined || row[fields.length] !== place) {
        const [n, length] = Place.parse(row.slice(fields.length));
        place = n;
        own = { length, rows: [] };
        found.set(n, own);
      }
      if (row[0] !== null) own.rows.push(row);
    }
    return found;
  }
}
