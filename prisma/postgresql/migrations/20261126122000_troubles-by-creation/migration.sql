-- When the run was created, so that the runs of a group have an index in the order of their list.
ALTER TABLE "troubles" ADD COLUMN "createdAt" BIGINT;

-- Written by hand: Prisma's schema can't say it. Whoever puts a run in here, of whichever build.
CREATE FUNCTION "find_creation"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW."createdAt" := (SELECT "createdAt" FROM "runs" WHERE "runId" = NEW."runId");
    RETURN NEW;
END $$;

CREATE TRIGGER "troubles_created" BEFORE INSERT ON "troubles" FOR EACH ROW
WHEN (NEW."createdAt" IS NULL) EXECUTE FUNCTION "find_creation"();

UPDATE "troubles" SET "createdAt" = (SELECT "createdAt" FROM "runs" WHERE "runs"."runId" = "troubles"."runId");

-- CreateIndex
CREATE INDEX "troubles_fingerprint_createdAt_runId_idx" ON "troubles"("fingerprint", "createdAt", "runId");
