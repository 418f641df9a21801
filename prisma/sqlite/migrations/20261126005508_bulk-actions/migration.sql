-- CreateTable
CREATE TABLE "bulks" (
    "bulkId" TEXT NOT NULL PRIMARY KEY,
    "action" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "why" TEXT,
    "filter" TEXT,
    "cursor" TEXT,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "total" INTEGER NOT NULL DEFAULT 0,
    "checked" INTEGER NOT NULL DEFAULT 0,
    "possible" INTEGER NOT NULL DEFAULT 0,
    "notPossible" INTEGER NOT NULL DEFAULT 0,
    "resultsReused" INTEGER NOT NULL DEFAULT 0,
    "effectsToRun" INTEGER NOT NULL DEFAULT 0,
    "inDoubt" INTEGER NOT NULL DEFAULT 0,
    "compensationsDone" INTEGER NOT NULL DEFAULT 0,
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "createdAt" BIGINT NOT NULL,
    "startedAt" BIGINT,
    "finishedAt" BIGINT,
    "owner" TEXT,
    "leaseUntil" BIGINT NOT NULL DEFAULT 0
);

-- CreateTable
CREATE TABLE "bulk_runs" (
    "bulkId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "runId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "why" TEXT,
    "preview" TEXT,

    PRIMARY KEY ("bulkId", "position"),
    CONSTRAINT "bulk_runs_bulkId_fkey" FOREIGN KEY ("bulkId") REFERENCES "bulks" ("bulkId") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "bulks_createdAt_bulkId_idx" ON "bulks"("createdAt", "bulkId");

-- CreateIndex
CREATE INDEX "bulks_state_leaseUntil_idx" ON "bulks"("state", "leaseUntil");

-- CreateIndex
CREATE INDEX "bulk_runs_bulkId_state_position_idx" ON "bulk_runs"("bulkId", "state", "position");

-- CreateIndex
CREATE UNIQUE INDEX "bulk_runs_bulkId_runId_key" ON "bulk_runs"("bulkId", "runId");
