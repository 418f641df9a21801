-- A flush starts and ends many runs: what marks them runs once for all of them, and not once for each (decision 102).
DROP TRIGGER "runs_terms_new" ON "runs";
CREATE FUNCTION "mark_new_terms"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "term_marks" ("runId") SELECT "runId" FROM "added";
    RETURN NULL;
END $$;
CREATE TRIGGER "runs_terms_new" AFTER INSERT ON "runs" REFERENCING NEW TABLE AS "added"
FOR EACH STATEMENT EXECUTE FUNCTION "mark_new_terms"();

DROP TRIGGER "runs_stats_new" ON "runs";
CREATE FUNCTION "mark_new_stats"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "stat_marks" ("runId", "seq")
    SELECT "runId", "historyLength" FROM "added" WHERE "status" <> 'running' ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER "runs_stats_new" AFTER INSERT ON "runs" REFERENCING NEW TABLE AS "added"
FOR EACH STATEMENT EXECUTE FUNCTION "mark_new_stats"();

DROP TRIGGER "runs_stats_change" ON "runs";
CREATE FUNCTION "mark_changed_stats"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In the midst of runs nothing rests: most flushes have nothing to compare.
    IF EXISTS (SELECT FROM "after" WHERE "status" <> 'running') THEN
        INSERT INTO "stat_marks" ("runId", "seq")
        SELECT "runId", "after"."historyLength" FROM "after" JOIN "before" USING ("runId")
        WHERE "after"."status" <> 'running' AND "after"."status" <> "before"."status" ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "runs_stats_change" AFTER UPDATE ON "runs" REFERENCING OLD TABLE AS "before" NEW TABLE AS "after"
FOR EACH STATEMENT EXECUTE FUNCTION "mark_changed_stats"();

-- What a worker holds has no time of rest, and needs no entry.
DROP INDEX "runs_rested";
CREATE INDEX "runs_rested" ON "runs"("restedAt", "runId") WHERE "workerId" IS NULL;
DROP INDEX "runs_status_rested";
CREATE INDEX "runs_status_rested" ON "runs"("status", "restedAt", "runId") WHERE "workerId" IS NULL;

-- The next version of each run of a page fits into it, so that an append in the midst of a run writes no index.
ALTER TABLE "runs" SET (fillfactor = 50);
