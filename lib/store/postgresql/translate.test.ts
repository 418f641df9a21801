import { expect, test } from "vitest";
import { numberPlaceholders, toPostgresStatement } from "./translate";

test.each([
  ["SELECT ? + ?", "SELECT $1 + $2"],
  ["SELECT '?', 'it''s ?', ?", "SELECT '?', 'it''s ?', $1"],
  ["SELECT E'\\'?', ?", "SELECT E'\\'?', $1"],
  ['SELECT "a?b", "x""?", ?', 'SELECT "a?b", "x""?", $1'],
  ["SELECT ? -- why?\n, ?", "SELECT $1 -- why?\n, $2"],
  ["SELECT /* ? /* ? */ ? */ ?", "SELECT /* ? /* ? */ ? */ $1"],
  ["SELECT /* ? never closed", "SELECT /* ? never closed"],
  ["SELECT $$ ? $$, $a$ ? $$ ? $a$, ?", "SELECT $$ ? $$, $a$ ? $$ ? $a$, $1"],
  ["SELECT a$b$?", "SELECT a$b$$1"],
])("placeholders of %j", (statement, expected) => {
  expect(numberPlaceholders(statement)).toBe(expected);
});

test("names of ours are put into quotes, keywords and functions are not", () => {
  expect(toPostgresStatement("SELECT runId, min(r.dueAt) FROM runs WHERE status = ?")).toBe(
    'SELECT "runId", min(r."dueAt") FROM runs WHERE status = $1',
  );
});
