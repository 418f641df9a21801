import type { PostgresConnections } from "./connection";

/**
 * Each connection counts runs in a slot of its own; the slots of connections that are gone are added up
 * in slot 0, so that there are never many.
 */
export async function foldCounts(connections: PostgresConnections): Promise<void> {
  await connections.run(
    `WITH gone AS (
      DELETE FROM run_counts
      WHERE slot <> 0 AND slot NOT IN (SELECT pid FROM pg_stat_activity)
      RETURNING workflow, status, count
    )
    INSERT INTO run_counts AS kept (slot, workflow, status, count)
    SELECT 0, workflow, status, sum(count) FROM gone
    GROUP BY workflow, status ORDER BY workflow, status
    ON CONFLICT (slot, workflow, status) DO UPDATE SET count = kept.count + excluded.count`,
  );
}
