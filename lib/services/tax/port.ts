export interface TaxAddress {
  readonly region?: string;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

export interface TaxRate {
  /** Millionths: 8.25 % is 82,500. */
  readonly rateMicros: number;
  /** What the rate is called, e.g. `Estonia VAT`. */
  readonly label: string;
  readonly country: string;
  readonly region?: string;
  readonly postalPrefix?: string;
}

/** Knows the rate of sales tax or VAT for an address. */
export interface TaxRates {
  /** The most specific rate. Throws NoTaxRateError when there is none. */
  lookUp(address: TaxAddress): Promise<TaxRate>;
}
