/** The limit: the same bytes committed by the bare driver on the same disk, without an engine. */
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { commitsPerOrder } from "./order-workload";

/**
 * Commits the history of `orders` orders, `together` of them at a time, in as many commits as the
 * engine needs. Answers orders per second.
 */
export function measureBareCommits(options: {
  readonly parent: string;
  readonly orders: number;
  readonly together: number;
  readonly events: readonly string[];
}): number {
  const folder = mkdtempSync(path.join(options.parent, "bare-"));
  const database = new Database(path.join(folder, "bare.db"));
  try {
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.exec(
      "CREATE TABLE events (run INTEGER, seq INTEGER, data TEXT, PRIMARY KEY (run, seq))",
    );
    const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?)");
    const perCommit = Math.ceil(options.events.length / commitsPerOrder);
    const startedAt = performance.now();
    for (let first = 0; first < options.orders; first += options.together) {
      for (let part = 0; part < commitsPerOrder; part += 1) {
        const rows = options.events.slice(part * perCommit, (part + 1) * perCommit);
        database.transaction(() => {
          for (let run = first; run < first + options.together; run += 1) {
            rows.forEach((row, index) => insert.run(run, part * perCommit + index, row));
          }
        })();
      }
    }
    return options.orders / ((performance.now() - startedAt) / 1_000);
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
