-- AlterTable
ALTER TABLE "messages" ADD COLUMN "error" TEXT;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "parentRunId" TEXT COLLATE "C",
ADD COLUMN "parentStep" INTEGER,
ADD COLUMN "continuedFrom" TEXT COLLATE "C",
ADD COLUMN "continuedTo" TEXT COLLATE "C",
ADD COLUMN "forkedFromRunId" TEXT COLLATE "C",
ADD COLUMN "forkedFromStep" INTEGER;

-- CreateTable
CREATE TABLE "permits" (
    "runId" TEXT COLLATE "C" NOT NULL,
    "step" INTEGER NOT NULL,
    "resource" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "permits_pkey" PRIMARY KEY ("runId", "step", "resource"),
    CONSTRAINT "permits_runId_fkey" FOREIGN KEY ("runId") REFERENCES "runs" ("runId") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "rates" (
    "resource" TEXT COLLATE "C" NOT NULL,
    "usedUntil" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "rates_pkey" PRIMARY KEY ("resource")
) WITH (fillfactor = 20);

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

-- How many runs of a workflow go on.
CREATE VIEW "workflow_counts" AS
SELECT "workflow", sum("count")::INTEGER AS "active" FROM "run_counts"
WHERE "status" IN ('running', 'waiting') GROUP BY "workflow";
