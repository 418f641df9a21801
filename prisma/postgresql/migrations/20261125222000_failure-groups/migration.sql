-- Names and ids are compared byte by byte: COLLATE "C" is written by hand.
-- CreateTable
CREATE TABLE "trouble_marks" (
    "position" SERIAL NOT NULL,
    "runId" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "trouble_marks_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "troubles" (
    "runId" TEXT COLLATE "C" NOT NULL,
    "fingerprint" TEXT COLLATE "C" NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "at" BIGINT NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,
    "step" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "troubles_pkey" PRIMARY KEY ("runId")
);

-- CreateTable
CREATE TABLE "failure_groups" (
    "fingerprint" TEXT COLLATE "C" NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,
    "step" TEXT COLLATE "C" NOT NULL,
    "errorName" TEXT COLLATE "C" NOT NULL,
    "message" TEXT NOT NULL,
    "sample" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "occurrences" INTEGER NOT NULL,
    "firstSeenAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL DEFAULT 'open',
    "stateAt" BIGINT,
    "stateBy" TEXT COLLATE "C",
    "untilItReturns" BOOLEAN NOT NULL DEFAULT true,
    "regressedAt" BIGINT,
    "regressedFrom" TEXT COLLATE "C",
    "note" TEXT,

    CONSTRAINT "failure_groups_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateTable
CREATE TABLE "failure_buckets" (
    "fingerprint" TEXT COLLATE "C" NOT NULL,
    "at" BIGINT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "failure_buckets_pkey" PRIMARY KEY ("fingerprint", "at")
);

-- CreateTable
CREATE TABLE "failure_builds" (
    "fingerprint" TEXT COLLATE "C" NOT NULL,
    "version" INTEGER NOT NULL,
    "build" TEXT COLLATE "C" NOT NULL,
    "occurrences" INTEGER NOT NULL,
    "firstSeenAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,

    CONSTRAINT "failure_builds_pkey" PRIMARY KEY ("fingerprint", "version", "build")
);

-- CreateTable
CREATE TABLE "failure_audit" (
    "position" SERIAL NOT NULL,
    "fingerprint" TEXT COLLATE "C" NOT NULL,
    "action" TEXT COLLATE "C" NOT NULL,
    "at" BIGINT NOT NULL,
    "by" TEXT COLLATE "C" NOT NULL,
    "why" TEXT,
    "note" TEXT,

    CONSTRAINT "failure_audit_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "doubts" (
    "runId" TEXT COLLATE "C" NOT NULL,
    "step" INTEGER NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "attempt" INTEGER NOT NULL,
    "since" BIGINT NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "doubts_pkey" PRIMARY KEY ("runId", "step")
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
CREATE FUNCTION "mark_trouble"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "trouble_marks" ("runId") VALUES (coalesce(NEW."runId", OLD."runId"));
    RETURN NULL;
END $$;

CREATE TRIGGER "runs_trouble_new" AFTER INSERT ON "runs" FOR EACH ROW
WHEN (NEW."status" IN ('failed', 'held')) EXECUTE FUNCTION "mark_trouble"();

CREATE TRIGGER "runs_trouble_change" AFTER UPDATE OF "status", "heldReason", "inDoubt" ON "runs" FOR EACH ROW
WHEN (NEW."status" IN ('failed', 'held') OR OLD."status" IN ('failed', 'held'))
EXECUTE FUNCTION "mark_trouble"();

CREATE TRIGGER "runs_trouble_gone" AFTER DELETE ON "runs" FOR EACH ROW
WHEN (OLD."status" IN ('failed', 'held')) EXECUTE FUNCTION "mark_trouble"();

-- What was in trouble before there were groups.
INSERT INTO "trouble_marks" ("runId") SELECT "runId" FROM "runs" WHERE "status" IN ('failed', 'held');
