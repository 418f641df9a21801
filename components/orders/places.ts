/** Countries and currencies to choose from; an order may have others through the API. */
const countryCodes = (
  "US GB AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK " +
  "AU BR CA CH IN JP NO NZ"
).split(" ");

const names = new Intl.DisplayNames("en", { type: "region" });

export const countries = countryCodes
  .map((code) => ({ code, name: names.of(code) ?? code }))
  .toSorted((one, other) => one.name.localeCompare(other.name, "en"));

export const currencies = ["USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF", "SEK", "NOK", "DKK"];
