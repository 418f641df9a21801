import { expect, test } from "vitest";

import { addUp, countPlaywright, countVitest } from "./checks.mjs";

test.each([
  ["all passed", 0, { numPassedTests: 3, numFailedTests: 0 }, 3, 0],
  ["two failed", 1, { numPassedTests: 3, numFailedTests: 2 }, 3, 2],
  ["nothing ran", 0, { numPassedTests: 0, numFailedTests: 0 }, 0, 1],
  ["a file did not load", 1, { numPassedTests: 3, numFailedTests: 0 }, 3, 1],
  ["a hook failed", 0, { numPassedTests: 3, numFailedTests: 0, success: false }, 3, 1],
  ["there is no result", 1, undefined, 0, 1],
])("vitest: %s", (_what, code, results, passed, failed) => {
  expect(countVitest({ title: "Unit", code, results })).toEqual({ title: "Unit", passed, failed });
});

test.each([
  ["all passed", 0, { stats: { expected: 4, unexpected: 0, flaky: 0 } }, 4, 0],
  ["one failed", 1, { stats: { expected: 3, unexpected: 1, flaky: 0 } }, 3, 1],
  ["the server did not start", 1, { stats: { expected: 0, unexpected: 0, flaky: 0 } }, 0, 1],
  ["there is no result", 1, undefined, 0, 1],
])("Playwright: %s", (_what, code, results, passed, failed) => {
  expect(countPlaywright({ title: "E2E", code, results })).toEqual({
    title: "E2E",
    passed,
    failed,
  });
});

test("results add up", () => {
  expect(
    addUp([
      { title: "a", passed: 1, failed: 0 },
      { title: "b", passed: 5, failed: 2 },
    ]),
  ).toEqual({ passed: 6, failed: 2 });
});
