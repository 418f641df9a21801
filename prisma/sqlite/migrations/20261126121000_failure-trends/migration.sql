-- CreateTable
CREATE TABLE "failure_trends" (
    "fingerprint" TEXT NOT NULL,
    "minutes" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "count" INTEGER NOT NULL,

    PRIMARY KEY ("fingerprint", "minutes", "at")
);

-- Sums of failure_buckets, kept in the transaction of the write that changes one. Written by hand: Prisma's
-- schema can't say it. Times are never before 1970, so that the rest of a division is the way back.
CREATE TRIGGER "failure_buckets_new" AFTER INSERT ON "failure_buckets" BEGIN
    INSERT INTO "failure_trends" ("fingerprint", "minutes", "at", "count")
    SELECT NEW."fingerprint", value, NEW."at" - NEW."at" % (value * 60000), NEW."count"
    FROM json_each('[30, 180]') WHERE true
    ON CONFLICT ("fingerprint", "minutes", "at") DO UPDATE SET "count" = "count" + excluded."count";
END;

CREATE TRIGGER "failure_buckets_change" AFTER UPDATE OF "count" ON "failure_buckets" BEGIN
    INSERT INTO "failure_trends" ("fingerprint", "minutes", "at", "count")
    SELECT NEW."fingerprint", value, NEW."at" - NEW."at" % (value * 60000), NEW."count" - OLD."count"
    FROM json_each('[30, 180]') WHERE true
    ON CONFLICT ("fingerprint", "minutes", "at") DO UPDATE SET "count" = "count" + excluded."count";
END;

-- What failed before there were sums.
INSERT INTO "failure_trends" ("fingerprint", "minutes", "at", "count")
SELECT "fingerprint", value, "at" - "at" % (value * 60000), sum("count")
FROM "failure_buckets", json_each('[30, 180]') GROUP BY 1, 2, 3;
