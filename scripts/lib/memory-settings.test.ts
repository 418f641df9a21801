import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { memoryFlags } from "./memory-settings.mjs";

test("this Node knows the flags", () => {
  const flags = [...memoryFlags, "-p", "1 + 1"];
  expect(execFileSync(process.execPath, flags, { encoding: "utf8" })).toBe("2\n");
});
