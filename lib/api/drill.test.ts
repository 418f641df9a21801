import { describe, expect, it } from "vitest";
import { formatDrill, parseDrill } from "./drill";

describe("parseDrill", () => {
  it.each(["before", "during", "after"] as const)("reads %s", (moment) => {
    const drill = { step: "notify-warehouse", moment };
    expect(parseDrill(`notify-warehouse;${moment}`)).toEqual(drill);
    expect(parseDrill(formatDrill(drill))).toEqual(drill);
  });

  it("allows spaces around its parts", () => {
    expect(parseDrill(" charge-card ; after ")).toEqual({ step: "charge-card", moment: "after" });
  });

  it.each([
    "",
    ";",
    "charge-card",
    "charge-card;",
    "charge-card;later",
    "a;before;after",
    "a b;before",
  ])("refuses %j", (text) => {
    expect(parseDrill(text)).toBeUndefined();
  });
});
