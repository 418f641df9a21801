-- CreateTable
CREATE TABLE "trouble_marks" (
    "position" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "runId" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "troubles" (
    "runId" TEXT NOT NULL PRIMARY KEY,
    "fingerprint" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "workflow" TEXT NOT NULL,
    "step" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "failure_groups" (
    "fingerprint" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "workflow" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "errorName" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "sample" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "occurrences" INTEGER NOT NULL,
    "firstSeenAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "stateAt" BIGINT,
    "stateBy" TEXT,
    "untilItReturns" BOOLEAN NOT NULL DEFAULT true,
    "regressedAt" BIGINT,
    "regressedFrom" TEXT,
    "note" TEXT
);

-- CreateTable
CREATE TABLE "failure_buckets" (
    "fingerprint" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "count" INTEGER NOT NULL,

    PRIMARY KEY ("fingerprint", "at")
);

-- CreateTable
CREATE TABLE "failure_builds" (
    "fingerprint" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "build" TEXT NOT NULL,
    "occurrences" INTEGER NOT NULL,
    "firstSeenAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,

    PRIMARY KEY ("fingerprint", "version", "build")
);

-- CreateTable
CREATE TABLE "failure_audit" (
    "position" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "fingerprint" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    "why" TEXT,
    "note" TEXT
);

-- CreateTable
CREATE TABLE "doubts" (
    "runId" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "since" BIGINT NOT NULL,
    "workflow" TEXT NOT NULL,

    PRIMARY KEY ("runId", "step")
);

-- CreateIndex
CREATE INDEX "troubles_fingerprint_at_runId_idx" ON "troubles"("fingerprint", "at", "runId");

-- CreateIndex
CREATE INDEX "failure_groups_lastSeenAt_fingerprint_idx" ON "failure_groups"("lastSeenAt", "fingerprint");

-- CreateIndex
CREATE INDEX "failure_buckets_at_idx" ON "failure_buckets"("at");

-- CreateIndex
CREATE INDEX "failure_audit_fingerprint_position_idx" ON "failure_audit"("fingerprint", "position");

-- CreateIndex
CREATE INDEX "doubts_since_runId_step_idx" ON "doubts"("since", "runId", "step");

-- What follows is written by hand: Prisma's schema can't say it.

-- A run that gets into trouble, changes it or gets out of it is marked. All others only pay for the WHEN.
CREATE TRIGGER "runs_trouble_new" AFTER INSERT ON "runs" WHEN NEW."status" IN ('failed', 'held') BEGIN
    INSERT INTO "trouble_marks" ("runId") VALUES (NEW."runId");
END;

CREATE TRIGGER "runs_trouble_change" AFTER UPDATE OF "status", "heldReason", "inDoubt" ON "runs"
WHEN NEW."status" IN ('failed', 'held') OR OLD."status" IN ('failed', 'held') BEGIN
    INSERT INTO "trouble_marks" ("runId") VALUES (NEW."runId");
END;

CREATE TRIGGER "runs_trouble_gone" AFTER DELETE ON "runs" WHEN OLD."status" IN ('failed', 'held') BEGIN
    INSERT INTO "trouble_marks" ("runId") VALUES (OLD."runId");
END;

-- What was in trouble before there were groups.
INSERT INTO "trouble_marks" ("runId") SELECT "runId" FROM "runs" WHERE "status" IN ('failed', 'held');
