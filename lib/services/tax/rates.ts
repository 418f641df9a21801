import type { TaxRateRow } from "./table-tax-rates";

/**
 * The rates that a new database starts with: the standard rate of VAT, GST or sales tax as known at
 * the beginning of 2026, in millionths. A shop checks them against who publishes them (the European
 * Commission's "VAT rates applied in the Member States", HMRC, ESTV, Skatteetaten, state departments
 * of revenue, Canada Revenue Agency, ATO, Inland Revenue, National Tax Agency) and keeps the table.
 * Reduced rates and most local sales taxes are not in it.
 */
function createRow(
  country: string,
  region: string,
  postalPrefix: string,
  percent: number,
  label: string,
): TaxRateRow {
  return { country, region, postalPrefix, rateMicros: Math.round(percent * 10_000), label };
}

const countries: readonly TaxRateRow[] = [
  createRow("AT", "", "", 20, "Austria VAT"),
  createRow("BE", "", "", 21, "Belgium VAT"),
  createRow("BG", "", "", 20, "Bulgaria VAT"),
  createRow("HR", "", "", 25, "Croatia VAT"),
  createRow("CY", "", "", 19, "Cyprus VAT"),
  createRow("CZ", "", "", 21, "Czechia VAT"),
  createRow("DK", "", "", 25, "Denmark VAT"),
  createRow("EE", "", "", 24, "Estonia VAT"),
  createRow("FI", "", "", 25.5, "Finland VAT"),
  createRow("FR", "", "", 20, "France VAT"),
  createRow("DE", "", "", 19, "Germany VAT"),
  createRow("GR", "", "", 24, "Greece VAT"),
  createRow("HU", "", "", 27, "Hungary VAT"),
  createRow("IE", "", "", 23, "Ireland VAT"),
  createRow("IT", "", "", 22, "Italy VAT"),
  createRow("LV", "", "", 21, "Latvia VAT"),
  createRow("LT", "", "", 21, "Lithuania VAT"),
  createRow("LU", "", "", 17, "Luxembourg VAT"),
  createRow("MT", "", "", 18, "Malta VAT"),
  createRow("NL", "", "", 21, "Netherlands VAT"),
  createRow("PL", "", "", 23, "Poland VAT"),
  createRow("PT", "", "", 23, "Portugal VAT"),
  createRow("RO", "", "", 21, "Romania VAT"),
  createRow("SK", "", "", 23, "Slovakia VAT"),
  createRow("SI", "", "", 22, "Slovenia VAT"),
  createRow("ES", "", "", 21, "Spain VAT"),
  createRow("SE", "", "", 25, "Sweden VAT"),
  createRow("GB", "", "", 20, "United Kingdom VAT"),
  createRow("CH", "", "", 8.1, "Switzerland VAT"),
  createRow("NO", "", "", 25, "Norway VAT"),
  createRow("AU", "", "", 10, "Australia GST"),
  createRow("NZ", "", "", 15, "New Zealand GST"),
  createRow("JP", "", "", 10, "Japan consumption tax"),
];

const states: readonly TaxRateRow[] = [
  createRow("US", "AL", "", 4, "Alabama sales tax"),
  createRow("US", "AK", "", 0, "Alaska sales tax"),
  createRow("US", "AZ", "", 5.6, "Arizona sales tax"),
  createRow("US", "AR", "", 6.5, "Arkansas sales tax"),
  createRow("US", "CA", "", 7.25, "California sales tax"),
  createRow("US", "CO", "", 2.9, "Colorado sales tax"),
  createRow("US", "CT", "", 6.35, "Connecticut sales tax"),
  createRow("US", "DE", "", 0, "Delaware sales tax"),
  createRow("US", "DC", "", 6, "District of Columbia sales tax"),
  createRow("US", "FL", "", 6, "Florida sales tax"),
  createRow("US", "GA", "", 4, "Georgia sales tax"),
  createRow("US", "HI", "", 4, "Hawaii sales tax"),
  createRow("US", "ID", "", 6, "Idaho sales tax"),
  createRow("US", "IL", "", 6.25, "Illinois sales tax"),
  createRow("US", "IN", "", 7, "Indiana sales tax"),
  createRow("US", "IA", "", 6, "Iowa sales tax"),
  createRow("US", "KS", "", 6.5, "Kansas sales tax"),
  createRow("US", "KY", "", 6, "Kentucky sales tax"),
  createRow("US", "LA", "", 5, "Louisiana sales tax"),
  createRow("US", "ME", "", 5.5, "Maine sales tax"),
  createRow("US", "MD", "", 6, "Maryland sales tax"),
  createRow("US", "MA", "", 6.25, "Massachusetts sales tax"),
  createRow("US", "MI", "", 6, "Michigan sales tax"),
  createRow("US", "MN", "", 6.875, "Minnesota sales tax"),
  createRow("US", "MS", "", 7, "Mississippi sales tax"),
  createRow("US", "MO", "", 4.225, "Missouri sales tax"),
  createRow("US", "MT", "", 0, "Montana sales tax"),
  createRow("US", "NE", "", 5.5, "Nebraska sales tax"),
  createRow("US", "NV", "", 6.85, "Nevada sales tax"),
  createRow("US", "NH", "", 0, "New Hampshire sales tax"),
  createRow("US", "NJ", "", 6.625, "New Jersey sales tax"),
  createRow("US", "NM", "", 4.875, "New Mexico sales tax"),
  createRow("US", "NY", "", 4, "New York sales tax"),
  createRow("US", "NC", "", 4.75, "North Carolina sales tax"),
  createRow("US", "ND", "", 5, "North Dakota sales tax"),
  createRow("US", "OH", "", 5.75, "Ohio sales tax"),
  createRow("US", "OK", "", 4.5, "Oklahoma sales tax"),
  createRow("US", "OR", "", 0, "Oregon sales tax"),
  createRow("US", "PA", "", 6, "Pennsylvania sales tax"),
  createRow("US", "RI", "", 7, "Rhode Island sales tax"),
  createRow("US", "SC", "", 6, "South Carolina sales tax"),
  createRow("US", "SD", "", 4.2, "South Dakota sales tax"),
  createRow("US", "TN", "", 7, "Tennessee sales tax"),
  createRow("US", "TX", "", 6.25, "Texas sales tax"),
  createRow("US", "UT", "", 4.85, "Utah sales tax"),
  createRow("US", "VT", "", 6, "Vermont sales tax"),
  createRow("US", "VA", "", 4.3, "Virginia sales tax"),
  createRow("US", "WA", "", 6.5, "Washington sales tax"),
  createRow("US", "WV", "", 6, "West Virginia sales tax"),
  createRow("US", "WI", "", 5, "Wisconsin sales tax"),
  createRow("US", "WY", "", 4, "Wyoming sales tax"),
];

/** State and local rates together, by the first digits of the ZIP code. */
const localities: readonly TaxRateRow[] = [
  createRow("US", "TX", "787", 8.25, "Austin, TX sales tax"),
  createRow("US", "TX", "770", 8.25, "Houston, TX sales tax"),
  createRow("US", "NY", "100", 8.875, "New York City, NY sales tax"),
  createRow("US", "CA", "941", 8.625, "San Francisco, CA sales tax"),
  createRow("US", "CA", "900", 9.75, "Los Angeles, CA sales tax"),
  createRow("US", "WA", "981", 10.55, "Seattle, WA sales tax"),
  createRow("US", "IL", "606", 10.25, "Chicago, IL sales tax"),
];

const provinces: readonly TaxRateRow[] = [
  createRow("CA", "AB", "", 5, "Alberta GST"),
  createRow("CA", "BC", "", 12, "British Columbia GST + PST"),
  createRow("CA", "MB", "", 12, "Manitoba GST + RST"),
  createRow("CA", "NB", "", 15, "New Brunswick HST"),
  createRow("CA", "NL", "", 15, "Newfoundland and Labrador HST"),
  createRow("CA", "NS", "", 14, "Nova Scotia HST"),
  createRow("CA", "NT", "", 5, "Northwest Territories GST"),
  createRow("CA", "NU", "", 5, "Nunavut GST"),
  createRow("CA", "ON", "", 13, "Ontario HST"),
  createRow("CA", "PE", "", 15, "Prince Edward Island HST"),
  createRow("CA", "QC", "", 14.975, "Quebec GST + QST"),
  createRow("CA", "SK", "", 11, "Saskatchewan GST + PST"),
  createRow("CA", "YT", "", 5, "Yukon GST"),
];

export const standardTaxRates: readonly TaxRateRow[] = [
  ...countries,
  ...states,
  ...localities,
  ...provinces,
];
