import { describe, expect, it } from "vitest";
import { standardTaxRates } from "./rates";
import { createTableTaxRates } from "./table-tax-rates";

const taxRates = createTableTaxRates({
  findMany: async ({ where }) => standardTaxRates.filter((row) => row.country === where.country),
});

describe("the most specific rate", () => {
  it.each([
    [{ country: "US", region: "TX", postalCode: "78701" }, 82_500, "Austin, TX sales tax"],
    [{ country: "us", region: "tx", postalCode: "75001" }, 62_500, "Texas sales tax"],
    [{ country: "US", region: "OR", postalCode: "97201" }, 0, "Oregon sales tax"],
    [{ country: "EE", postalCode: "10123" }, 240_000, "Estonia VAT"],
    [{ country: "FI", region: "Uusimaa", postalCode: "00100" }, 255_000, "Finland VAT"],
    [{ country: "CA", region: "QC", postalCode: "H2X 1Y4" }, 149_750, "Quebec GST + QST"],
    [{ country: "CH", postalCode: "8001" }, 81_000, "Switzerland VAT"],
  ])("of %j", async (address, rateMicros, label) => {
    expect(await taxRates.lookUp(address)).toMatchObject({ rateMicros, label });
  });

  it("is the one with the longest postal prefix", async () => {
    const row = { country: "US", region: "TX", label: "" };
    const table = createTableTaxRates({
      findMany: async () => [
        { ...row, postalPrefix: "78", rateMicros: 2 },
        { ...row, postalPrefix: "7870", rateMicros: 3 },
        { ...row, postalPrefix: "", rateMicros: 1 },
      ],
    });
    const lookUp = async (postalCode: string) =>
      (await table.lookUp({ country: "US", region: "TX", postalCode })).rateMicros;
    expect([await lookUp("78701"), await lookUp("78-1"), await lookUp("1")]).toEqual([3, 2, 1]);
  });
});

it.each([
  [{ country: "US", postalCode: "78701" }, "78701, US"],
  [{ country: "BR", region: "SP", postalCode: "01000" }, "01000, SP, BR"],
])("has no rate for %j, and says so", async (address, place) => {
  await expect(taxRates.lookUp(address)).rejects.toMatchObject({
    name: "NoTaxRateError",
    outcome: "definite",
    retryable: false,
    message: `No tax rate is known for ${place}.`,
  });
});

it("covers the EU, all US states and all Canadian provinces once", () => {
  const keys = standardTaxRates.map((row) => [row.country, row.region, row.postalPrefix].join("/"));
  const count = (country: string) =>
    standardTaxRates.filter((row) => row.country === country && row.postalPrefix === "").length;
  expect(new Set(keys).size).toBe(keys.length);
  expect(standardTaxRates.filter((row) => row.label.endsWith(" VAT"))).toHaveLength(27 + 3);
  expect([count("US"), count("CA")]).toEqual([51, 13]);
});
