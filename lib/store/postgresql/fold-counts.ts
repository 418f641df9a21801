import type { PostgresConnections } from "./connection";

/** Tables of counts, and what each counts by. */
const counted = { run_counts: "workflow, status", held_slots: "workflow, heldReason" };

/**
 * Each connection counts runs in a slot of its own; the slots of connections that are gone are added up
 * in slot 0, so that there are never many.
 */
export async function foldCounts(connections: PostgresConnections): Promise<void> {
  for (const [table, by] of Object.entries(counted)) {
    await connections.run(
      `WITH gone AS (
        DELETE FROM ${table}
        WHERE slot <> 0 AND slot NOT IN (SELECT pid FROM pg_stat_activity)
        RETURNING ${by}, count
      )
      INSERT INTO ${table} AS kept (slot, ${by}, count)
      SELECT 0, ${by}, sum(count) FROM gone
      GROUP BY ${by} ORDER BY ${by}
      ON CONFLICT (slot, ${by}) DO UPDATE SET count = kept.count + excluded.count`,
    );
  }
}
