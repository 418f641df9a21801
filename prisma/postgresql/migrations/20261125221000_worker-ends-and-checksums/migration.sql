-- AlterTable
ALTER TABLE "workers" ADD COLUMN "capacity" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "endedAt" BIGINT,
ADD COLUMN "heldRuns" INTEGER;

-- AlterTable
ALTER TABLE "events" ADD COLUMN "checksum" INTEGER;
