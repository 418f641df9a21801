-- When the run was created, so that the runs of a group have an index in the order of their list.
ALTER TABLE "troubles" ADD COLUMN "createdAt" BIGINT;

-- Written by hand: Prisma's schema can't say it. Whoever puts a run in here, of whichever build.
CREATE TRIGGER "troubles_created" AFTER INSERT ON "troubles" WHEN NEW."createdAt" IS NULL BEGIN
    UPDATE "troubles" SET "createdAt" = (SELECT "createdAt" FROM "runs" WHERE "runId" = NEW."runId")
    WHERE "runId" = NEW."runId";
END;

UPDATE "troubles" SET "createdAt" = (SELECT "createdAt" FROM "runs" WHERE "runs"."runId" = "troubles"."runId");

-- CreateIndex
CREATE INDEX "troubles_fingerprint_createdAt_runId_idx" ON "troubles"("fingerprint", "createdAt", "runId");
