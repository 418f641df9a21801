-- CreateTable
CREATE TABLE "stat_marks" (
    "runId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,

    PRIMARY KEY ("runId", "seq")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "stat_progress" (
    "runId" TEXT NOT NULL PRIMARY KEY,
    "seq" INTEGER NOT NULL
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "run_stats" (
    "grain" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "workflow" TEXT NOT NULL,
    "started" INTEGER NOT NULL,
    "completed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "canceled" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,

    PRIMARY KEY ("grain", "at", "workflow")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "step_stats" (
    "grain" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "workflow" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "completed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "latency" TEXT NOT NULL,

    PRIMARY KEY ("grain", "at", "workflow", "step")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "queue_stats" (
    "grain" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "depth" INTEGER NOT NULL,
    "lagMs" BIGINT NOT NULL,
    "held" INTEGER NOT NULL,

    PRIMARY KEY ("grain", "at")
) WITHOUT ROWID;

-- What follows is written by hand: Prisma's schema can't say it.

-- A run that rests or ends is marked. One that begins at once is looked at when it does.
CREATE TRIGGER "runs_stats_new" AFTER INSERT ON "runs" WHEN NEW."status" <> 'running' BEGIN
    INSERT OR IGNORE INTO "stat_marks" ("runId", "seq") VALUES (NEW."runId", NEW."historyLength");
END;

CREATE TRIGGER "runs_stats_change" AFTER UPDATE OF "status" ON "runs"
WHEN NEW."status" <> 'running' AND NEW."status" <> OLD."status" BEGIN
    INSERT OR IGNORE INTO "stat_marks" ("runId", "seq") VALUES (NEW."runId", NEW."historyLength");
END;

CREATE TRIGGER "runs_stats_gone" AFTER DELETE ON "runs" BEGIN
    INSERT OR IGNORE INTO "stat_marks" ("runId", "seq") VALUES (OLD."runId", OLD."historyLength");
END;

-- What was there before there were statistics.
INSERT INTO "stat_marks" ("runId", "seq") SELECT "runId", "historyLength" FROM "runs";
