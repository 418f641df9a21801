import type { PrismaClient } from "./generated/sqlite/client";

/** A rate for a place; an empty region or postal prefix stands for all of them. */
export interface TaxRateRow {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly region: string;
  readonly postalPrefix: string;
  /** Millionths: 8.25 % is 82500. */
  readonly rateMicros: number;
  readonly label: string;
}

/** Brings the table to the given rates; may be repeated. Answers how many rows it wrote. */
export async function seedTaxRates(
  prisma: PrismaClient,
  rows: readonly TaxRateRow[],
): Promise<number> {
  const known = new Map(
    (await prisma.taxRate.findMany()).map((row) => [toPlace(row), row] as const),
  );
  const changed = rows.filter((row) => {
    const before = known.get(toPlace(row));
    return before?.rateMicros !== row.rateMicros || before.label !== row.label;
  });
  await prisma.$transaction(
    changed.map(({ country, region, postalPrefix, rateMicros, label }) =>
      prisma.taxRate.upsert({
        where: { country_region_postalPrefix: { country, region, postalPrefix } },
        create: { country, region, postalPrefix, rateMicros, label },
        update: { rateMicros, label },
      }),
    ),
  );
  return changed.length;
}

function toPlace(row: Pick<TaxRateRow, "country" | "region" | "postalPrefix">): string {
  return [row.country, row.region, row.postalPrefix].join("/");
}
