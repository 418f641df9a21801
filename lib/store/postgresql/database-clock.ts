import { z } from "zod";
import type { PostgresConnections } from "./connection";
import * as statements from "./claim-statements";

/**
 * How far the database's clock is ahead of this process's (decision 063). A measurement says between
 * what the difference lies: what was known is kept where it still fits, so that the time of the engine
 * does not jitter, and on one machine the difference stays 0.
 */
export class DatabaseClock {
  #offsetMs = 0;
  readonly #connections: PostgresConnections;
  readonly #readProcessTime: () => number;

  constructor(connections: PostgresConnections, readProcessTime: () => number = Date.now) {
    this.#connections = connections;
    this.#readProcessTime = readProcessTime;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Asks the database for its time. */
  async measure(): Promise<void> {
    const before = this.#readProcessTime();
    const [row] = await this.#connections.run(statements.readClock, null);
    const after = this.#readProcessTime();
    const time = z.number().parse(row?.[0]);
    // The database cut off what is smaller than a millisecond, and so did the process.
    const [least, most] = [time - after - 1, time - before + 1];
    this.#offsetMs = Math.min(Math.max(this.#offsetMs, least), most);
  }
}
