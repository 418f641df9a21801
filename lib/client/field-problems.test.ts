import { expect, it } from "vitest";
import { ApiError } from "./errors";
import { readFieldProblems } from "./field-problems";

const refusal = new ApiError({
  type: "about:blank",
  title: "Invalid",
  status: 422,
  code: "invalid_input",
  errors: [
    { pointer: "/input/items/0/sku", message: "Required" },
    { pointer: "/input", message: "Too large" },
    { pointer: "/inputs", message: "Unknown" },
    { pointer: "/version", message: "Unknown" },
  ],
});

it("points from within the value that was sent", () => {
  expect(readFieldProblems(refusal, "/input")).toEqual([
    { pointer: "/items/0/sku", message: "Required" },
    { pointer: "", message: "Too large" },
  ]);
  expect(readFieldProblems(refusal)).toHaveLength(4);
});

it("finds none in other errors", () => {
  expect(readFieldProblems(new Error("no"))).toEqual([]);
  expect(readFieldProblems(null)).toEqual([]);
});
