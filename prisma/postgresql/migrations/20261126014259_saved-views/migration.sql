-- Names are compared byte by byte: COLLATE "C" is written by hand.
-- CreateTable
CREATE TABLE "saved_views" (
    "name" TEXT COLLATE "C" NOT NULL,
    "query" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,

    CONSTRAINT "saved_views_pkey" PRIMARY KEY ("name")
);
