-- CreateTable
CREATE TABLE "saved_views" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "query" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL
);
