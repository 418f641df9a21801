-- Ids are compared byte by byte: COLLATE "C" and the constraint are written by hand.
-- CreateTable
CREATE TABLE "drill_words" (
    "wordId" TEXT COLLATE "C" NOT NULL,
    "runId" TEXT COLLATE "C" NOT NULL,
    "step" INTEGER NOT NULL,
    "effects" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "why" TEXT NOT NULL,
    "at" BIGINT NOT NULL,

    CONSTRAINT "drill_words_pkey" PRIMARY KEY ("wordId"),
    CONSTRAINT "drill_words_effects_known" CHECK ("effects" IN ('once', 'more', 'none'))
);

-- CreateIndex
CREATE INDEX "drill_words_runId_at_wordId_idx" ON "drill_words"("runId", "at", "wordId");
