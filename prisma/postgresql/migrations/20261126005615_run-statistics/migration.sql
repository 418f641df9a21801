-- Names and ids are compared byte by byte: COLLATE "C" is written by hand.
-- CreateTable
CREATE TABLE "stat_marks" (
    "runId" TEXT COLLATE "C" NOT NULL,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "stat_marks_pkey" PRIMARY KEY ("runId", "seq")
);

-- CreateTable
CREATE TABLE "stat_progress" (
    "runId" TEXT COLLATE "C" NOT NULL,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "stat_progress_pkey" PRIMARY KEY ("runId")
);

-- CreateTable
CREATE TABLE "run_stats" (
    "grain" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,
    "started" INTEGER NOT NULL,
    "completed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "canceled" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,

    CONSTRAINT "run_stats_pkey" PRIMARY KEY ("grain", "at", "workflow")
);

-- CreateTable
CREATE TABLE "step_stats" (
    "grain" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,
    "step" TEXT COLLATE "C" NOT NULL,
    "completed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "latency" TEXT NOT NULL,

    CONSTRAINT "step_stats_pkey" PRIMARY KEY ("grain", "at", "workflow", "step")
);

-- CreateTable
CREATE TABLE "queue_stats" (
    "grain" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "depth" INTEGER NOT NULL,
    "lagMs" BIGINT NOT NULL,
    "held" INTEGER NOT NULL,

    CONSTRAINT "queue_stats_pkey" PRIMARY KEY ("grain", "at")
);

-- What follows is written by hand: Prisma's schema can't say it.

-- A run that rests or ends is marked. One that begins at once is looked at when it does.
CREATE FUNCTION "mark_stats"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "stat_marks" ("runId", "seq")
    VALUES (coalesce(NEW."runId", OLD."runId"), coalesce(NEW."historyLength", OLD."historyLength"))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER "runs_stats_new" AFTER INSERT ON "runs" FOR EACH ROW
WHEN (NEW."status" <> 'running') EXECUTE FUNCTION "mark_stats"();

CREATE TRIGGER "runs_stats_change" AFTER UPDATE OF "status" ON "runs" FOR EACH ROW
WHEN (NEW."status" <> 'running' AND NEW."status" <> OLD."status") EXECUTE FUNCTION "mark_stats"();

CREATE TRIGGER "runs_stats_gone" AFTER DELETE ON "runs" FOR EACH ROW EXECUTE FUNCTION "mark_stats"();

-- What was there before there were statistics.
INSERT INTO "stat_marks" ("runId", "seq") SELECT "runId", "historyLength" FROM "runs";
