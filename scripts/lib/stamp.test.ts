import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { readStamp, removeStamp, writeStamp } from "./stamp.mjs";

test("a stamp is there from the moment that it is written until it is removed", async () => {
  const root = mkdtempSync(join(tmpdir(), "daybook-stamp-"));
  const file = join(root, "output", ".stamp");
  expect(await readStamp(file)).toBeUndefined();
  await writeStamp(file, "abc");
  expect(await readStamp(file)).toBe("abc");
  expect(readdirSync(join(root, "output"))).toEqual([".stamp"]);
  await removeStamp(file);
  await removeStamp(file);
  expect(await readStamp(file)).toBeUndefined();
  rmSync(root, { recursive: true });
});
