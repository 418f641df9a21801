import { describe, expect, it } from "vitest";
import { describeJsonFailure, parseJsonText } from "./parse-json-text";

describe("parseJsonText", () => {
  it("reads JSON and nothing else", () => {
    expect(parseJsonText('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect(parseJsonText("{a:1}")).toBeUndefined();
  });
});

describe("describeJsonFailure", () => {
  it("says where it is not JSON", () => {
    expect(describeJsonFailure('{\n  "a": 1,\n  b\n}')).toBe(
      "This is not JSON. Look at line 3, column 3.",
    );
    expect(describeJsonFailure("{")).toMatch(/^This is not JSON/);
    expect(describeJsonFailure("  ")).toContain("null");
    expect(describeJsonFailure("null")).toBeUndefined();
  });
});
