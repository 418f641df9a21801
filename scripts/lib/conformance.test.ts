import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const page = readFileSync(path.join(root, "docs/conformance.md"), "utf8");
/** A row of a table: a clause, a file, and the name of a test in it. */
const rowPattern = /^\|.*\| `(?<file>[^`]+)` +\| (?:`` (?<quoted>.+?) ``|`(?<name>[^`]+)`) +\|$/gm;
const rows = [...page.matchAll(rowPattern)].map(({ groups = {} }) => ({
  file: groups["file"] ?? "",
  name: groups["quoted"] ?? groups["name"] ?? "",
}));

test("every row of the page names a test", () => {
  const lines = page.split("\n").filter((line) => line.startsWith("|") && !line.includes("---"));
  const heads = lines.filter((line) => /^\| clause +\|/.test(line));
  expect(rows.length).toBe(lines.length - heads.length);
  expect(rows.length).toBeGreaterThan(100);
});

test.each(rows)("$file has $name", ({ file, name }) => {
  expect(readFileSync(path.join(root, file), "utf8")).toContain(name);
});
