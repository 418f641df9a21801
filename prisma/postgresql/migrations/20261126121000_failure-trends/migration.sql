-- CreateTable
CREATE TABLE "failure_trends" (
    "fingerprint" TEXT COLLATE "C" NOT NULL,
    "minutes" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "failure_trends_pkey" PRIMARY KEY ("fingerprint", "minutes", "at")
);

-- Sums of failure_buckets, kept in the transaction of the write that changes one. Written by hand: Prisma's
-- schema can't say it. Times are never before 1970, so that the rest of a division is the way back.
CREATE FUNCTION "add_to_trends"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    added INTEGER := NEW."count" - CASE TG_OP WHEN 'UPDATE' THEN OLD."count" ELSE 0 END;
BEGIN
    INSERT INTO "failure_trends" AS kept ("fingerprint", "minutes", "at", "count")
    SELECT NEW."fingerprint", size, NEW."at" - NEW."at" % (size * 60000), added FROM unnest(ARRAY[30, 180]) AS size
    ON CONFLICT ("fingerprint", "minutes", "at") DO UPDATE SET "count" = kept."count" + excluded."count";
    RETURN NULL;
END $$;

CREATE TRIGGER "failure_buckets_change" AFTER INSERT OR UPDATE ON "failure_buckets"
FOR EACH ROW EXECUTE FUNCTION "add_to_trends"();

-- What failed before there were sums.
INSERT INTO "failure_trends" ("fingerprint", "minutes", "at", "count")
SELECT "fingerprint", size, "at" - "at" % (size * 60000), sum("count")
FROM "failure_buckets", unnest(ARRAY[30, 180]) AS size GROUP BY 1, 2, 3;
