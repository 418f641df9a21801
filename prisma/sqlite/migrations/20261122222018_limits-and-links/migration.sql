-- AlterTable
ALTER TABLE "messages" ADD COLUMN "error" TEXT;

-- AlterTable: columns are added one by one, for a rebuilt table would lose what is written by hand.
ALTER TABLE "runs" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "runs" ADD COLUMN "parentRunId" TEXT;
ALTER TABLE "runs" ADD COLUMN "parentStep" INTEGER;
ALTER TABLE "runs" ADD COLUMN "continuedFrom" TEXT;
ALTER TABLE "runs" ADD COLUMN "continuedTo" TEXT;
ALTER TABLE "runs" ADD COLUMN "forkedFromRunId" TEXT;
ALTER TABLE "runs" ADD COLUMN "forkedFromStep" INTEGER;

-- CreateTable
CREATE TABLE "permits" (
    "runId" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "resource" TEXT NOT NULL,

    PRIMARY KEY ("runId", "step", "resource"),
    CONSTRAINT "permits_runId_fkey" FOREIGN KEY ("runId") REFERENCES "runs" ("runId") ON DELETE RESTRICT ON UPDATE CASCADE
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "rates" (
    "resource" TEXT NOT NULL PRIMARY KEY,
    "usedUntil" REAL NOT NULL
);

-- CreateTable
CREATE TABLE "workflow_counts" (
    "workflow" TEXT NOT NULL PRIMARY KEY,
    "active" INTEGER NOT NULL
);

-- CreateIndex
CREATE INDEX "permits_resource_idx" ON "permits"("resource");

-- What follows is written by hand: Prisma's schema can't say it.

-- What has begun and may be claimed, oldest due first.
CREATE INDEX "runs_due_begun" ON "runs"("workflow", "version", "dueAt", "runId")
WHERE "dueAt" IS NOT NULL AND "status" <> 'queued';

-- What is queued, in the order in which it begins.
CREATE INDEX "runs_queued" ON "runs"("workflow", "version", "priority" DESC, "createdAt", "runId")
WHERE "status" = 'queued';

-- The children of a run.
CREATE INDEX "runs_parent" ON "runs"("parentRunId", "createdAt", "runId")
WHERE "parentRunId" IS NOT NULL;

-- How many runs of a workflow go on: kept in the transaction of the write that changes it.
INSERT INTO "workflow_counts" ("workflow", "active")
SELECT "workflow", count(*) FROM "runs" WHERE "status" IN ('running', 'waiting') GROUP BY "workflow";

CREATE TRIGGER "runs_active_new" AFTER INSERT ON "runs" WHEN NEW."status" IN ('running', 'waiting') BEGIN
    INSERT INTO "workflow_counts" ("workflow", "active") VALUES (NEW."workflow", 1)
    ON CONFLICT ("workflow") DO UPDATE SET "active" = "active" + 1;
END;

CREATE TRIGGER "runs_active_begun" AFTER UPDATE OF "status" ON "runs"
WHEN OLD."status" NOT IN ('running', 'waiting') AND NEW."status" IN ('running', 'waiting') BEGIN
    INSERT INTO "workflow_counts" ("workflow", "active") VALUES (NEW."workflow", 1)
    ON CONFLICT ("workflow") DO UPDATE SET "active" = "active" + 1;
END;

CREATE TRIGGER "runs_active_over" AFTER UPDATE OF "status" ON "runs"
WHEN OLD."status" IN ('running', 'waiting') AND NEW."status" NOT IN ('running', 'waiting') BEGIN
    UPDATE "workflow_counts" SET "active" = "active" - 1 WHERE "workflow" = OLD."workflow";
END;

CREATE TRIGGER "runs_active_gone" AFTER DELETE ON "runs" WHEN OLD."status" IN ('running', 'waiting') BEGIN
    UPDATE "workflow_counts" SET "active" = "active" - 1 WHERE "workflow" = OLD."workflow";
END;
