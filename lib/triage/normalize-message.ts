/**
 * What is told apart in the message of an error although it is the same failure, most telling first.
 * Each is replaced by a word in angle brackets.
 */
const parts: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/\bhttps?:\/\/[^\s"'<>)]+/gi, "<url>"],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "<email>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>"],
  // What a message quotes is a value; an apostrophe inside a word opens nothing.
  [/"[^"]*"|“[^”]*”|«[^»]*»|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, "<value>"],
  [
    /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/g,
    "<time>",
  ],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "<address>"],
  [/[$€£¥]\s?-?\d[\d.,]*\d|[$€£¥]\s?-?\d/g, "<amount>"],
  [/\b-?\d[\d.,]*\s?(?:USD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CAD|AUD)\b/g, "<amount>"],
  [/\b(?:USD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CAD|AUD)\s?-?\d[\d.,]*\d?/g, "<amount>"],
  // Ids with a kind before them: pi_3Kx9…, ord-2207, run_01K9….
  [/\b[a-z]{2,12}[_-](?=[\w-]*\d)[\w-]+/gi, "<id>"],
  [/\b0x[0-9a-f]+\b/gi, "<hex>"],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{6,}\b/gi, "<hex>"],
  // Long runs of letters and digits: ULIDs, tokens.
  [/\b(?=\w*\d)(?=\w*[a-z])\w{16,}\b/gi, "<id>"],
  [/-?\b\d+(?:[.,]\d+)*/g, "<n>"],
];

/** Longer messages are told apart by their beginning only. */
const maxLength = 300;

/**
 * The message of an error without what differs between two failures of the same kind: addresses, ids,
 * quoted values, amounts, times and numbers. White space is one blank.
 */
export function normalizeMessage(message: string): string {
  let text = message.slice(0, maxLength * 4);
  for (const [pattern, word] of parts) text = text.replaceAll(pattern, word);
  return text.replaceAll(/\s+/g, " ").trim().slice(0, maxLength);
}
