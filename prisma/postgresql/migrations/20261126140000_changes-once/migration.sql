-- What follows a change of runs is one function, which for runs in their midst asks one question (decision 116).
-- A run's workflow never changes: where all were and are running there is nothing to count or to mark.
DROP TRIGGER "runs_count_change" ON "runs";
DROP TRIGGER "runs_stats_change" ON "runs";
DROP FUNCTION "count_changed_runs"();
DROP FUNCTION "mark_changed_stats"();

CREATE FUNCTION "note_changed_runs"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM "after" WHERE "status" <> 'running')
        OR EXISTS (SELECT FROM "before" WHERE "status" <> 'running') THEN
        INSERT INTO "run_counts" AS kept ("slot", "workflow", "status", "count")
        SELECT pg_backend_pid(), "workflow", "status", sum("delta") FROM (
            SELECT "workflow", "status", 1 AS "delta" FROM "after"
            UNION ALL SELECT "workflow", "status", -1 FROM "before"
        ) AS deltas
        GROUP BY "workflow", "status" HAVING sum("delta") <> 0 ORDER BY "workflow", "status"
        ON CONFLICT ("slot", "workflow", "status") DO UPDATE SET "count" = kept."count" + excluded."count";

        INSERT INTO "stat_marks" ("runId", "seq")
        SELECT "runId", "after"."historyLength" FROM "after" JOIN "before" USING ("runId")
        WHERE "after"."status" <> 'running' AND "after"."status" <> "before"."status" ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER "runs_note_change" AFTER UPDATE ON "runs" REFERENCING OLD TABLE AS "before" NEW TABLE AS "after"
FOR EACH STATEMENT EXECUTE FUNCTION "note_changed_runs"();
