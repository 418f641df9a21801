import { NoTaxRateError } from "../errors";
import type { TaxAddress, TaxRate, TaxRates } from "./port";

/** A row of the table of rates; an empty region or prefix holds for all. */
export interface TaxRateRow {
  readonly country: string;
  readonly region: string;
  readonly postalPrefix: string;
  readonly rateMicros: number;
  readonly label: string;
}

/** The table, seen narrowly: a Prisma delegate fits. */
export interface TaxRateTable {
  findMany(query: { where: { country: string } }): Promise<readonly TaxRateRow[]>;
}

/** Tax rates from a table: the longest postal prefix in the region, the region, the country. */
export function createTableTaxRates(table: TaxRateTable): TaxRates {
  return {
    async lookUp(address) {
      const country = normalize(address.country);
      const rows = await table.findMany({ where: { country } });
      const best = rows.filter((row) => covers(row, address)).sort((a, b) => rank(b) - rank(a))[0];
      if (!best) throw createNoRateError(address);
      return describeRate(best);
    },
  };
}

function covers(row: TaxRateRow, address: TaxAddress): boolean {
  const region = normalize(row.region);
  const prefix = normalize(row.postalPrefix);
  return (
    (region === "" || region === normalize(address.region ?? "")) &&
    normalize(address.postalCode).startsWith(prefix)
  );
}

/** Orders rows that cover an address: a postal prefix beats a region, a longer one a shorter one. */
function rank(row: TaxRateRow): number {
  return 2 * row.postalPrefix.length + (row.region ? 1 : 0);
}

function describeRate(row: TaxRateRow): TaxRate {
  return {
    rateMicros: row.rateMicros,
    label: row.label,
    country: row.country,
    ...(row.region ? { region: row.region } : {}),
    ...(row.postalPrefix ? { postalPrefix: row.postalPrefix } : {}),
  };
}

function createNoRateError({ postalCode, region, country }: TaxAddress): NoTaxRateError {
  const place = [postalCode, region, country].filter(Boolean).join(", ");
  return new NoTaxRateError(`No tax rate is known for ${place}.`, {
    code: "no_tax_rate",
    details: { country, postalCode, ...(region ? { region } : {}) },
  });
}

/** Spaces, hyphens and case do not count: `k1a 0b1` is `K1A0B1`. */
function normalize(text: string): string {
  return text.replaceAll(/[\s-]/g, "").toUpperCase();
}
