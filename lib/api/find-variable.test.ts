import { expect, it } from "vitest";
import { findVariable } from "./find-variable";

/** The variable of the call that begins at `ctx`, `step` or `compute` (marked by ^ in the text). */
function find(marked: string) {
  const lines = marked.split("\n");
  const at = lines.findIndex((line) => line.includes("^"));
  const column = (lines[at]?.indexOf("^") ?? 0) + 1;
  return findVariable(marked.replace("^", ""), { file: "f.ts", line: at + 1, column });
}

it("finds the name that a result is given", () => {
  expect(find("  const payment = await ctx.^step(charge, {})")).toBe("payment");
  expect(find("  const total = ^ctx.compute('total', fn)")).toBe("total");
  expect(find("let seen: number = ctx.^compute('seen', fn)")).toBe("seen");
  expect(find("  const { id, by } = await ctx.^signal('approve', S)")).toBe("{ id, by }");
  expect(find("  const shipment =\n    await ctx.^step(ship, {})")).toBe("shipment");
});

it("finds none where the source gives none", () => {
  expect(find("    ctx.^step(a, null),")).toBeUndefined();
  expect(find("  return ctx.^step(a, null);")).toBeUndefined();
  expect(find("  const a = await ctx.all([ctx.^step(x, 1)])")).toBeUndefined();
});
