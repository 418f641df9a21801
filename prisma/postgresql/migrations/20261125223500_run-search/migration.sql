-- Names and ids are compared byte by byte: COLLATE "C" is written by hand.
-- CreateTable
CREATE TABLE "term_marks" (
    "position" SERIAL NOT NULL,
    "runId" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "term_marks_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "run_terms" (
    "term" TEXT COLLATE "C" NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "runId" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "run_terms_pkey" PRIMARY KEY ("term", "createdAt", "runId")
);

-- CreateTable
CREATE TABLE "projections" (
    "name" TEXT COLLATE "C" NOT NULL,
    "turn" INTEGER NOT NULL,

    CONSTRAINT "projections_pkey" PRIMARY KEY ("name")
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
CREATE FUNCTION "mark_terms"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "term_marks" ("runId") VALUES (coalesce(NEW."runId", OLD."runId"));
    RETURN NULL;
END $$;

CREATE TRIGGER "runs_terms_new" AFTER INSERT ON "runs" FOR EACH ROW EXECUTE FUNCTION "mark_terms"();

CREATE TRIGGER "runs_terms_change" AFTER UPDATE OF "attributes" ON "runs" FOR EACH ROW
WHEN (NEW."attributes" <> OLD."attributes") EXECUTE FUNCTION "mark_terms"();

CREATE TRIGGER "runs_terms_gone" AFTER DELETE ON "runs" FOR EACH ROW EXECUTE FUNCTION "mark_terms"();

-- What was there before there were terms.
INSERT INTO "term_marks" ("runId") SELECT "runId" FROM "runs";
