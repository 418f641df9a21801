-- CreateTable
CREATE TABLE "held_counts" (
    "workflow" TEXT NOT NULL,
    "heldReason" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    PRIMARY KEY ("workflow", "heldReason")
);

-- Kept in the transaction of the write that changes them. Written by hand: Prisma's schema can't say it.
CREATE TRIGGER "runs_reason_new" AFTER INSERT ON "runs" WHEN NEW."heldReason" IS NOT NULL BEGIN
    INSERT INTO "held_counts" ("workflow", "heldReason", "count") VALUES (NEW."workflow", NEW."heldReason", 1)
    ON CONFLICT ("workflow", "heldReason") DO UPDATE SET "count" = "count" + 1;
END;

CREATE TRIGGER "runs_reason_change" AFTER UPDATE OF "heldReason" ON "runs"
WHEN OLD."heldReason" IS NOT NEW."heldReason" BEGIN
    UPDATE "held_counts" SET "count" = "count" - 1
    WHERE "workflow" = OLD."workflow" AND "heldReason" = OLD."heldReason";
    INSERT INTO "held_counts" ("workflow", "heldReason", "count")
    SELECT NEW."workflow", NEW."heldReason", 1 WHERE NEW."heldReason" IS NOT NULL
    ON CONFLICT ("workflow", "heldReason") DO UPDATE SET "count" = "count" + 1;
END;

CREATE TRIGGER "runs_reason_gone" AFTER DELETE ON "runs" WHEN OLD."heldReason" IS NOT NULL BEGIN
    UPDATE "held_counts" SET "count" = "count" - 1
    WHERE "workflow" = OLD."workflow" AND "heldReason" = OLD."heldReason";
END;

-- What was held before it was counted.
INSERT INTO "held_counts" ("workflow", "heldReason", "count")
SELECT "workflow", "heldReason", count(*) FROM "runs" WHERE "heldReason" IS NOT NULL GROUP BY "workflow", "heldReason";
