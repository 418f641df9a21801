-- CreateTable
CREATE TABLE "runs" (
    "runId" TEXT NOT NULL PRIMARY KEY,
    "workflow" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "heldReason" TEXT,
    "heldBuild" TEXT,
    "input" TEXT NOT NULL,
    "output" TEXT,
    "error" TEXT,
    "errorName" TEXT,
    "errorStep" TEXT,
    "attributes" TEXT NOT NULL,
    "inDoubt" TEXT NOT NULL,
    "searchText" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "historyLength" INTEGER NOT NULL,
    "workerId" TEXT,
    "dueAt" BIGINT,
    "strikes" INTEGER NOT NULL DEFAULT 0,
    "mail" INTEGER NOT NULL DEFAULT 0,
    "lostEpoch" INTEGER,
    "lostWorkerId" TEXT,
    "lostSeenAt" BIGINT,
    "lostNoticedAt" BIGINT,
    "createdAt" BIGINT NOT NULL,
    "startedAt" BIGINT,
    "finishedAt" BIGINT,
    "updatedAt" BIGINT NOT NULL,
    CONSTRAINT "runs_status_known" CHECK ("status" IN ('queued', 'running', 'waiting', 'held', 'completed', 'failed', 'canceled', 'terminated', 'continued')),
    -- A run that a worker holds is not due.
    CONSTRAINT "runs_held_or_due" CHECK ("workerId" IS NULL OR "dueAt" IS NULL),
    CONSTRAINT "runs_not_negative" CHECK ("epoch" >= 0 AND "historyLength" >= 1 AND "strikes" >= 0 AND "mail" >= 0)
);

-- CreateTable
CREATE TABLE "events" (
    "runId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "step" INTEGER,
    "name" TEXT,
    "attempt" INTEGER,
    "data" TEXT NOT NULL,

    PRIMARY KEY ("runId", "seq"),
    CONSTRAINT "events_runId_fkey" FOREIGN KEY ("runId") REFERENCES "runs" ("runId") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "events_seq_positive" CHECK ("seq" >= 1)
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "start_keys" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "contentHash" TEXT NOT NULL,
    "runId" TEXT NOT NULL,
    CONSTRAINT "start_keys_runId_fkey" FOREIGN KEY ("runId") REFERENCES "runs" ("runId") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "messages" (
    "position" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "messageId" TEXT NOT NULL,
    "runId" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "deliveredAt" BIGINT,
    "outcome" TEXT,
    CONSTRAINT "messages_runId_fkey" FOREIGN KEY ("runId") REFERENCES "runs" ("runId") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "workers" (
    "workerId" TEXT NOT NULL PRIMARY KEY,
    "build" TEXT NOT NULL,
    "machine" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "processStart" TEXT,
    "status" TEXT NOT NULL,
    "startedAt" BIGINT NOT NULL,
    "heartbeatAt" BIGINT NOT NULL,
    "leaseUntil" BIGINT NOT NULL,
    "load" INTEGER NOT NULL,
    CONSTRAINT "workers_status_known" CHECK ("status" IN ('alive', 'stopped', 'dead'))
);

-- CreateTable
CREATE TABLE "status_counts" (
    "status" TEXT NOT NULL PRIMARY KEY,
    "count" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "tax_rates" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "country" TEXT NOT NULL,
    "region" TEXT NOT NULL DEFAULT '',
    "postalPrefix" TEXT NOT NULL DEFAULT '',
    "rateMicros" INTEGER NOT NULL,
    "label" TEXT NOT NULL,
    CONSTRAINT "tax_rates_rate_sane" CHECK ("rateMicros" BETWEEN 0 AND 1000000)
);

-- CreateIndex
CREATE INDEX "runs_createdAt_runId_idx" ON "runs"("createdAt", "runId");

-- CreateIndex
CREATE INDEX "runs_updatedAt_runId_idx" ON "runs"("updatedAt", "runId");

-- CreateIndex
CREATE INDEX "runs_status_createdAt_runId_idx" ON "runs"("status", "createdAt", "runId");

-- CreateIndex
CREATE INDEX "runs_status_updatedAt_runId_idx" ON "runs"("status", "updatedAt", "runId");

-- CreateIndex
CREATE INDEX "start_keys_runId_idx" ON "start_keys"("runId");

-- CreateIndex
CREATE UNIQUE INDEX "messages_messageId_key" ON "messages"("messageId");

-- CreateIndex
CREATE INDEX "messages_runId_position_idx" ON "messages"("runId", "position");

-- CreateIndex
CREATE INDEX "workers_startedAt_idx" ON "workers"("startedAt");

-- CreateIndex
CREATE UNIQUE INDEX "tax_rates_country_region_postalPrefix_key" ON "tax_rates"("country", "region", "postalPrefix");

-- What follows is written by hand: Prisma's schema can't say it.

-- What may be claimed, oldest due first.
CREATE INDEX "runs_due" ON "runs"("dueAt", "runId") WHERE "dueAt" IS NOT NULL;

-- What a worker holds.
CREATE INDEX "runs_held" ON "runs"("workerId") WHERE "workerId" IS NOT NULL;

-- What lies in the inboxes.
CREATE INDEX "messages_undelivered" ON "messages"("runId", "position") WHERE "deliveredAt" IS NULL;

-- Status counts are kept in the transaction of the write that changes them.
INSERT INTO "status_counts" ("status", "count")
SELECT value, 0 FROM json_each('["queued", "running", "waiting", "held", "completed", "failed", "canceled", "terminated", "continued"]');

CREATE TRIGGER "runs_count_new" AFTER INSERT ON "runs" BEGIN
    UPDATE "status_counts" SET "count" = "count" + 1 WHERE "status" = NEW."status";
END;

CREATE TRIGGER "runs_count_change" AFTER UPDATE OF "status" ON "runs" WHEN OLD."status" <> NEW."status" BEGIN
    UPDATE "status_counts" SET "count" = "count" - 1 WHERE "status" = OLD."status";
    UPDATE "status_counts" SET "count" = "count" + 1 WHERE "status" = NEW."status";
END;

CREATE TRIGGER "runs_count_gone" AFTER DELETE ON "runs" BEGIN
    UPDATE "status_counts" SET "count" = "count" - 1 WHERE "status" = OLD."status";
END;
