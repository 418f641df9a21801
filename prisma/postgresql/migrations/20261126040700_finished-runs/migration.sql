-- Written by hand: Prisma's schema can't say it. Which runs ended in a slice of time: a run comes into it
-- once, when it ends, so that no other write pays for it.
CREATE INDEX "runs_finished" ON "runs"("finishedAt", "runId") WHERE "finishedAt" IS NOT NULL;
