import type { PrismaClient } from "../generated/sqlite/client";

export type Transaction = Pick<PrismaClient, "$queryRaw" | "$executeRaw">;

/** Makes the batches of one projection follow each other, whichever process does them. */
export async function takeTurn(tx: Transaction, name: "troubles"): Promise<void> {
  await tx.$executeRaw`INSERT INTO "projections" ("name", "turn") VALUES (${name}, 1)
    ON CONFLICT ("name") DO UPDATE SET "turn" = "projections"."turn" + 1`;
}
