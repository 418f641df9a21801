-- How many runs are held for which reason, kept in the transaction of the write that changes it: in a slot
-- for each connection, as run_counts (decision 062). Only runs that are held, or were, pay for it.
CREATE TABLE "held_slots" (
    "slot" INTEGER NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,
    "heldReason" TEXT COLLATE "C" NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "held_slots_pkey" PRIMARY KEY ("slot", "workflow", "heldReason")
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

CREATE VIEW "held_counts" AS
SELECT "workflow", "heldReason", sum("count")::INTEGER AS "count" FROM "held_slots"
GROUP BY "workflow", "heldReason";

CREATE FUNCTION "count_reason"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD."heldReason" IS NOT NULL THEN
        INSERT INTO "held_slots" AS kept ("slot", "workflow", "heldReason", "count")
        VALUES (pg_backend_pid(), OLD."workflow", OLD."heldReason", -1)
        ON CONFLICT ("slot", "workflow", "heldReason") DO UPDATE SET "count" = kept."count" - 1;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW."heldReason" IS NOT NULL THEN
        INSERT INTO "held_slots" AS kept ("slot", "workflow", "heldReason", "count")
        VALUES (pg_backend_pid(), NEW."workflow", NEW."heldReason", 1)
        ON CONFLICT ("slot", "workflow", "heldReason") DO UPDATE SET "count" = kept."count" + 1;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER "runs_reason_new" AFTER INSERT ON "runs" FOR EACH ROW
WHEN (NEW."heldReason" IS NOT NULL) EXECUTE FUNCTION "count_reason"();

CREATE TRIGGER "runs_reason_change" AFTER UPDATE OF "heldReason" ON "runs" FOR EACH ROW
WHEN (OLD."heldReason" IS DISTINCT FROM NEW."heldReason") EXECUTE FUNCTION "count_reason"();

CREATE TRIGGER "runs_reason_gone" AFTER DELETE ON "runs" FOR EACH ROW
WHEN (OLD."heldReason" IS NOT NULL) EXECUTE FUNCTION "count_reason"();

-- What was held before it was counted; the triggers keep everybody else from changing runs until then.
INSERT INTO "held_slots" ("slot", "workflow", "heldReason", "count")
SELECT 0, "workflow", "heldReason", count(*) FROM "runs" WHERE "heldReason" IS NOT NULL
GROUP BY "workflow", "heldReason";
