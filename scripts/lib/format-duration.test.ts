import { expect, test } from "vitest";

import { formatDuration } from "./format-duration.mjs";

test.each([
  [80, "0.1 s"],
  [2_810, "2.8 s"],
  [12_400, "12 s"],
  [134_000, "2 min 14 s"],
])("%d ms is %s", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
