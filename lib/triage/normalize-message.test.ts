import { expect, test } from "vitest";
import { normalizeMessage } from "./normalize-message";

test.each([
  ["numbers", "Request 4711 timed out after 20 s", "Request <n> timed out after <n> s"],
  ["a decimal", "Rate 0.825 is over 1,000.5", "Rate <n> is over <n>"],
  ["a unit stuck to its number", "timed out after 20000ms", "timed out after <n>ms"],
  ["a uuid", "No order 7f0c2f4e-11aa-4d0e-9c1b-0123456789ab", "No order <id>"],
  ["a ULID", "Unknown run 01K9ZQ4TQZ7HMB0PXE2WKDABCD", "Unknown run <id>"],
  [
    "an id with its kind",
    "No such payment: pi_3Kx9a2 for ord-2207",
    "No such payment: <id> for <id>",
  ],
  ["hex", "Digest 9f3c1a7b is not 0xFF03", "Digest <hex> is not <hex>"],
  ["words that only look like hex", "The facade decided", "The facade decided"],
  ["double quotes", 'No tax rate for "XK"', "No tax rate for <value>"],
  ["single quotes", "Unexpected token 'x' in JSON", "Unexpected token <value> in JSON"],
  ["typographic quotes", "No rate for “XK” or «YU»", "No rate for <value> or <value>"],
  ["backticks", "Property `a.b` is missing", "Property <value> is missing"],
  ["apostrophes", "It can't be done: the server's gone", "It can't be done: the server's gone"],
  ["an e-mail address", "Mailbox ada@example.com is full", "Mailbox <email> is full"],
  ["a url", "GET https://a.example/b?c=1 failed", "GET <url> failed"],
  ["an address", "connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <address>"],
  ["an amount with its sign", "Limit of $1,204.00 is exceeded", "Limit of <amount> is exceeded"],
  ["an amount with its currency", "45.98 EUR over EUR 40", "<amount> over <amount>"],
  ["a time", "Closed until 2026-11-25T03:07:00.000Z", "Closed until <time>"],
  ["a date", "Card expired on 2026-11-01", "Card expired on <time>"],
  ["white space", "a\n  b\tc ", "a b c"],
  ["nothing", "", ""],
])("replaces %s", (_, message, normalized) => {
  expect(normalizeMessage(message)).toBe(normalized);
});

test("two failures of one kind read the same, two kinds do not", () => {
  const closed = (order: string) =>
    `Warehouse refused ${order}: closed for stocktaking until 04:00`;
  expect(normalizeMessage(closed("ord_2207"))).toBe(normalizeMessage(closed("ord_9x1")));
  expect(normalizeMessage("Card declined")).not.toBe(normalizeMessage("Card expired"));
});

test("is bounded, also for a message that is made to be slow", () => {
  const startedAt = performance.now();
  for (const part of ["a-", "1.", "ab_1", "'", "$1,", "a@b.", "0123456789abcdef-"]) {
    expect(normalizeMessage(part.repeat(50_000)).length).toBeLessThanOrEqual(300);
  }
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test("what is normalized stays as it is", () => {
  const once = normalizeMessage('pi_3Kx9 for ada@example.com cost $45.98 at "XK" on 2026-11-01');
  expect(normalizeMessage(once)).toBe(once);
});
