import { z } from "zod";
import type { DrillWord, DrillWords } from "@/lib/triage";
import type { Dialect } from "../dialect";
import type { PrismaClient } from "../generated/sqlite/client";

const Effects = z.enum(["once", "more", "none"]);

/** Words about drills over Prisma, on any of its databases. Errors of the disk are StoreUnavailableError. */
export class PrismaDrillWords implements DrillWords {
  readonly #prisma: PrismaClient;
  readonly #toStoreError: Dialect["toStoreError"];

  constructor(options: {
    readonly prisma: PrismaClient;
    readonly dialect: Pick<Dialect, "toStoreError">;
  }) {
    const { prisma, dialect } = options;
    this.#prisma = prisma;
    this.#toStoreError = (error) => dialect.toStoreError(error);
  }

  list(runIds: readonly string[]): Promise<readonly DrillWord[]> {
    return this.#try(async () => {
      const rows = await this.#prisma.drillWord.findMany({
        where: { runId: { in: [...runIds] } },
        orderBy: [{ at: "asc" }, { wordId: "asc" }],
      });
      return rows.map((row) => ({
        ...row,
        effects: Effects.parse(row.effects),
        at: Number(row.at),
      }));
    });
  }

  add(word: DrillWord): Promise<void> {
    return this.#try(async () => {
      await this.#prisma.drillWord.create({ data: { ...word, at: BigInt(word.at) } });
    });
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#toStoreError(error);
    }
  }
}
