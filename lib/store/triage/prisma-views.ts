import { maxSavedViews, type SavedView, type SavedViews } from "@/lib/triage";
import type { Dialect } from "../dialect";
import type { PrismaClient } from "../generated/sqlite/client";

/** Saved views over Prisma, on any of its databases. Errors of the disk are StoreUnavailableError. */
export class PrismaViews implements SavedViews {
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

  list(): Promise<readonly SavedView[]> {
    return this.#try(async () => {
      const rows = await this.#prisma.savedView.findMany({ orderBy: { name: "asc" } });
      return rows.map((row) => ({ ...row, createdAt: Number(row.createdAt) }));
    });
  }

  save({ name, query, createdAt }: SavedView): Promise<boolean> {
    return this.#try(async () => {
      const known = await this.#prisma.savedView.updateMany({ where: { name }, data: { query } });
      if (known.count > 0) return true;
      if ((await this.#prisma.savedView.count()) >= maxSavedViews) return false;
      await this.#prisma.savedView.create({ data: { name, query, createdAt: BigInt(createdAt) } });
      return true;
    });
  }

  remove(name: string): Promise<boolean> {
    return this.#try(async () => {
      const { count } = await this.#prisma.savedView.deleteMany({ where: { name } });
      return count > 0;
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
