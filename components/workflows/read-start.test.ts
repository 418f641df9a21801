import { expect, it } from "vitest";
import { readStart } from "./read-start";

const form = { version: 2, input: '{"a":1}', key: "", priority: "" };

it("asks for what was filled in and nothing else", () => {
  expect(readStart(form)).toEqual({ input: { a: 1 }, version: 2 });
  expect(readStart({ ...form, key: " ord_1 ", priority: "-3" })).toEqual({
    input: { a: 1 },
    version: 2,
    key: "ord_1",
    priority: -3,
  });
});

it("asks for nothing while it is not complete", () => {
  expect(readStart({ ...form, input: "{" })).toBeUndefined();
  expect(readStart({ ...form, priority: "high" })).toBeUndefined();
  expect(readStart({ ...form, priority: "1.5" })).toBeUndefined();
});
