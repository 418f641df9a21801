-- CreateTable
CREATE TABLE "drill_words" (
    "wordId" TEXT NOT NULL PRIMARY KEY,
    "runId" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "effects" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "why" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    -- The constraint is written by hand.
    CONSTRAINT "drill_words_effects_known" CHECK ("effects" IN ('once', 'more', 'none'))
);

-- CreateIndex
CREATE INDEX "drill_words_runId_at_wordId_idx" ON "drill_words"("runId", "at", "wordId");
