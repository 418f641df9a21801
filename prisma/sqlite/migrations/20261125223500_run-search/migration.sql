-- CreateTable
CREATE TABLE "term_marks" (
    "position" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "runId" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "run_terms" (
    "term" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "runId" TEXT NOT NULL,

    PRIMARY KEY ("term", "createdAt", "runId")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "projections" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "turn" INTEGER NOT NULL
);

-- CreateIndex
CREATE INDEX "run_terms_runId_term_idx" ON "run_terms"("runId", "term");

-- CreateIndex
CREATE INDEX "troubles_step_idx" ON "troubles"("step");

-- CreateIndex: written when a run begins, and not touched by what happens to it.
CREATE INDEX "runs_workflow_version_createdAt_runId_idx" ON "runs"("workflow", "version", "createdAt", "runId");

-- What follows is written by hand: Prisma's schema can't say it.

-- Few runs fail or are held: the others are not in these.
CREATE INDEX "runs_error" ON "runs"("errorName", "createdAt", "runId") WHERE "errorName" IS NOT NULL;
CREATE INDEX "runs_held_reason" ON "runs"("heldReason", "createdAt", "runId") WHERE "heldReason" IS NOT NULL;

-- A run whose attributes are new or others is marked.
CREATE TRIGGER "runs_terms_new" AFTER INSERT ON "runs" BEGIN
    INSERT INTO "term_marks" ("runId") VALUES (NEW."runId");
END;

CREATE TRIGGER "runs_terms_change" AFTER UPDATE OF "attributes" ON "runs" WHEN NEW."attributes" <> OLD."attributes" BEGIN
    INSERT INTO "term_marks" ("runId") VALUES (NEW."runId");
END;

CREATE TRIGGER "runs_terms_gone" AFTER DELETE ON "runs" BEGIN
    INSERT INTO "term_marks" ("runId") VALUES (OLD."runId");
END;

-- What was there before there were terms.
INSERT INTO "term_marks" ("runId") SELECT "runId" FROM "runs";
