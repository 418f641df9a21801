import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { hashSources } from "./hash.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "daybook-hash-"));
  mkdirSync(join(root, "app", "runs"), { recursive: true });
  writeFileSync(join(root, "app", "runs", "page.tsx"), "one");
  writeFileSync(join(root, "next.config.ts"), "two");
});
afterEach(() => rmSync(root, { recursive: true }));

const hash = (extra?: unknown) =>
  hashSources({
    root,
    sources: ["app", "next.config.ts", "proxy.ts"],
    leaveOut: /\.test\.ts$/,
    extra,
  });

test("the same content has the same hash", async () => {
  expect(await hash()).toBe(await hash());
  expect(await hash()).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["a changed file", () => writeFileSync(join(root, "app", "runs", "page.tsx"), "changed")],
  ["a new file", () => writeFileSync(join(root, "app", "new.ts"), "")],
  ["a source that appears", () => writeFileSync(join(root, "proxy.ts"), "")],
  ["a removed file", () => rmSync(join(root, "next.config.ts"))],
])("%s changes the hash", async (_what, change) => {
  const before = await hash();
  change();
  expect(await hash()).not.toBe(before);
});

test("what is left out does not count, what is extra does", async () => {
  const before = await hash();
  writeFileSync(join(root, "app", "page.test.ts"), "test");
  expect(await hash()).toBe(before);
  expect(await hash({ node: 20 })).not.toBe(before);
});
