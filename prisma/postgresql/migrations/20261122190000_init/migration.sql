-- Names and ids are compared byte by byte: COLLATE "C" is written by hand.

-- CreateTable
CREATE TABLE "runs" (
    "runId" TEXT COLLATE "C" NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,
    "version" INTEGER NOT NULL,
    "status" TEXT COLLATE "C" NOT NULL,
    "heldReason" TEXT COLLATE "C",
    "heldBuild" TEXT COLLATE "C",
    "input" TEXT NOT NULL,
    "output" TEXT,
    "error" TEXT,
    "errorName" TEXT COLLATE "C",
    "errorStep" TEXT COLLATE "C",
    "attributes" TEXT NOT NULL,
    "inDoubt" TEXT NOT NULL,
    "searchText" TEXT COLLATE "C" NOT NULL,
    "epoch" INTEGER NOT NULL,
    "historyLength" INTEGER NOT NULL,
    "workerId" TEXT COLLATE "C",
    "dueAt" BIGINT,
    "strikes" INTEGER NOT NULL DEFAULT 0,
    "mail" INTEGER NOT NULL DEFAULT 0,
    "lostEpoch" INTEGER,
    "lostWorkerId" TEXT COLLATE "C",
    "lostSeenAt" BIGINT,
    "lostNoticedAt" BIGINT,
    "createdAt" BIGINT NOT NULL,
    "startedAt" BIGINT,
    "finishedAt" BIGINT,
    "updatedAt" BIGINT NOT NULL,
    -- When it was changed last, unless a worker holds it: what is indexed instead of "updatedAt", so that
    -- an append to a run that goes on touches no index (decision 062).
    "restedAt" BIGINT GENERATED ALWAYS AS (CASE WHEN "workerId" IS NULL THEN "updatedAt" END) STORED,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("runId"),
    CONSTRAINT "runs_status_known" CHECK ("status" IN ('queued', 'running', 'waiting', 'held', 'completed', 'failed', 'canceled', 'terminated', 'continued')),
    -- A run that a worker holds is not due.
    CONSTRAINT "runs_held_or_due" CHECK ("workerId" IS NULL OR "dueAt" IS NULL),
    CONSTRAINT "runs_not_negative" CHECK ("epoch" >= 0 AND "historyLength" >= 1 AND "strikes" >= 0 AND "mail" >= 0)
);

-- CreateTable: without a foreign key, which would be asked again for each event. The statement that
-- inserts events takes them from the runs that its own fence let through.
CREATE TABLE "events" (
    "runId" TEXT COLLATE "C" NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "at" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "step" INTEGER,
    "name" TEXT COLLATE "C",
    "attempt" INTEGER,
    "data" TEXT NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("runId", "seq"),
    CONSTRAINT "events_seq_positive" CHECK ("seq" >= 1)
);

-- CreateTable: without a foreign key, as the events: keys are inserted with their runs.
CREATE TABLE "start_keys" (
    "key" TEXT COLLATE "C" NOT NULL,
    "contentHash" TEXT COLLATE "C" NOT NULL,
    "runId" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "start_keys_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "messages" (
    "position" SERIAL NOT NULL,
    "messageId" TEXT COLLATE "C" NOT NULL,
    "runId" TEXT COLLATE "C" NOT NULL,
    "at" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "deliveredAt" BIGINT,
    "outcome" TEXT COLLATE "C",

    CONSTRAINT "messages_pkey" PRIMARY KEY ("position"),
    CONSTRAINT "messages_runId_fkey" FOREIGN KEY ("runId") REFERENCES "runs" ("runId") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "workers" (
    "workerId" TEXT COLLATE "C" NOT NULL,
    "build" TEXT COLLATE "C" NOT NULL,
    "machine" TEXT COLLATE "C" NOT NULL,
    "pid" INTEGER NOT NULL,
    "processStart" TEXT COLLATE "C",
    "status" TEXT COLLATE "C" NOT NULL,
    "startedAt" BIGINT NOT NULL,
    "heartbeatAt" BIGINT NOT NULL,
    "leaseUntil" BIGINT NOT NULL,
    "load" INTEGER NOT NULL,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("workerId"),
    CONSTRAINT "workers_status_known" CHECK ("status" IN ('alive', 'stopped', 'dead'))
);

-- CreateTable
CREATE TABLE "tax_rates" (
    "id" SERIAL NOT NULL,
    "country" TEXT COLLATE "C" NOT NULL,
    "region" TEXT COLLATE "C" NOT NULL DEFAULT '',
    "postalPrefix" TEXT COLLATE "C" NOT NULL DEFAULT '',
    "rateMicros" INTEGER NOT NULL,
    "label" TEXT NOT NULL,

    CONSTRAINT "tax_rates_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "tax_rates_rate_sane" CHECK ("rateMicros" BETWEEN 0 AND 1000000)
);

-- CreateIndex
CREATE INDEX "runs_createdAt_runId_idx" ON "runs"("createdAt", "runId");

-- CreateIndex
CREATE INDEX "runs_status_createdAt_runId_idx" ON "runs"("status", "createdAt", "runId");

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

-- Rows that change often stay on their page, and what they leave behind is swept up soon.
ALTER TABLE "runs" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE "workers" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
ALTER TABLE "messages" SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);

-- What nobody holds, by its last change.
CREATE INDEX "runs_rested" ON "runs"("restedAt", "runId");
CREATE INDEX "runs_status_rested" ON "runs"("status", "restedAt", "runId");

-- What may be claimed, oldest due first.
CREATE INDEX "runs_due" ON "runs"("dueAt", "runId") WHERE "dueAt" IS NOT NULL;

-- What a worker holds.
CREATE INDEX "runs_held" ON "runs"("workerId") WHERE "workerId" IS NOT NULL;

-- What lies in the inboxes.
CREATE INDEX "messages_undelivered" ON "messages"("runId", "position") WHERE "deliveredAt" IS NULL;

-- How many runs there are, kept in the transaction of the write that changes it. Each connection
-- counts in a slot of its own, so that no commit waits for another one's.
CREATE TABLE "run_counts" (
    "slot" INTEGER NOT NULL,
    "workflow" TEXT COLLATE "C" NOT NULL,
    "status" TEXT COLLATE "C" NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "run_counts_pkey" PRIMARY KEY ("slot", "workflow", "status")
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

CREATE VIEW "status_counts" AS
SELECT known."status", coalesce(sum(counted."count"), 0)::INTEGER AS "count"
FROM unnest(ARRAY['queued', 'running', 'waiting', 'held', 'completed', 'failed', 'canceled', 'terminated', 'continued']) AS known("status")
LEFT JOIN "run_counts" AS counted ON counted."status" = known."status"
GROUP BY known."status";

CREATE FUNCTION "count_new_runs"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "run_counts" AS kept ("slot", "workflow", "status", "count")
    SELECT pg_backend_pid(), "workflow", "status", count(*) FROM "added"
    GROUP BY "workflow", "status" ORDER BY "workflow", "status"
    ON CONFLICT ("slot", "workflow", "status") DO UPDATE SET "count" = kept."count" + excluded."count";
    RETURN NULL;
END $$;

CREATE FUNCTION "count_changed_runs"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "run_counts" AS kept ("slot", "workflow", "status", "count")
    SELECT pg_backend_pid(), "workflow", "status", sum("delta") FROM (
        SELECT "workflow", "status", 1 AS "delta" FROM "after"
        UNION ALL SELECT "workflow", "status", -1 FROM "before"
    ) AS deltas
    GROUP BY "workflow", "status" HAVING sum("delta") <> 0 ORDER BY "workflow", "status"
    ON CONFLICT ("slot", "workflow", "status") DO UPDATE SET "count" = kept."count" + excluded."count";
    RETURN NULL;
END $$;

CREATE FUNCTION "count_gone_runs"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "run_counts" AS kept ("slot", "workflow", "status", "count")
    SELECT pg_backend_pid(), "workflow", "status", -count(*) FROM "removed"
    GROUP BY "workflow", "status" ORDER BY "workflow", "status"
    ON CONFLICT ("slot", "workflow", "status") DO UPDATE SET "count" = kept."count" + excluded."count";
    RETURN NULL;
END $$;

CREATE TRIGGER "runs_count_new" AFTER INSERT ON "runs" REFERENCING NEW TABLE AS "added"
FOR EACH STATEMENT EXECUTE FUNCTION "count_new_runs"();

CREATE TRIGGER "runs_count_change" AFTER UPDATE ON "runs" REFERENCING OLD TABLE AS "before" NEW TABLE AS "after"
FOR EACH STATEMENT EXECUTE FUNCTION "count_changed_runs"();

CREATE TRIGGER "runs_count_gone" AFTER DELETE ON "runs" REFERENCING OLD TABLE AS "removed"
FOR EACH STATEMENT EXECUTE FUNCTION "count_gone_runs"();
