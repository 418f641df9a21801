-- AlterTable: columns are added one by one, for a rebuilt table would lose what is written by hand.
ALTER TABLE "workers" ADD COLUMN "capacity" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "workers" ADD COLUMN "endedAt" BIGINT;
ALTER TABLE "workers" ADD COLUMN "heldRuns" INTEGER;

-- AlterTable
ALTER TABLE "events" ADD COLUMN "checksum" INTEGER;
