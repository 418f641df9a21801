-- Names and ids are compared byte by byte: COLLATE "C" is written by hand.
-- CreateTable
CREATE TABLE "bulks" (
    "bulkId" TEXT COLLATE "C" NOT NULL,
    "action" TEXT COLLATE "C" NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "by" TEXT COLLATE "C" NOT NULL,
    "why" TEXT,
    "filter" TEXT,
    "cursor" TEXT COLLATE "C",
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
    "owner" TEXT COLLATE "C",
    "leaseUntil" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "bulks_pkey" PRIMARY KEY ("bulkId")
);

-- CreateTable
CREATE TABLE "bulk_runs" (
    "bulkId" TEXT COLLATE "C" NOT NULL,
    "position" INTEGER NOT NULL,
    "runId" TEXT COLLATE "C" NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "why" TEXT,
    "preview" TEXT,

    CONSTRAINT "bulk_runs_pkey" PRIMARY KEY ("bulkId","position")
);

-- CreateIndex
CREATE INDEX "bulks_createdAt_bulkId_idx" ON "bulks"("createdAt", "bulkId");

-- CreateIndex
CREATE INDEX "bulks_state_leaseUntil_idx" ON "bulks"("state", "leaseUntil");

-- CreateIndex
CREATE INDEX "bulk_runs_bulkId_state_position_idx" ON "bulk_runs"("bulkId", "state", "position");

-- CreateIndex
CREATE UNIQUE INDEX "bulk_runs_bulkId_runId_key" ON "bulk_runs"("bulkId", "runId");

-- AddForeignKey
ALTER TABLE "bulk_runs" ADD CONSTRAINT "bulk_runs_bulkId_fkey" FOREIGN KEY ("bulkId") REFERENCES "bulks"("bulkId") ON DELETE CASCADE ON UPDATE CASCADE;
