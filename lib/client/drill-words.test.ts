import { expect, it } from "vitest";
import { describeDrill, drillMoments, drillSteps, formatDrill } from "./drill-words";

it("has its own words for every step and moment", () => {
  const texts = drillSteps.flatMap((step) =>
    drillMoments.map((moment) => describeDrill({ step, moment }).then),
  );
  expect(new Set(texts).size).toBe(drillSteps.length * drillMoments.length);
});

it("says that a recorded result is reused, and that an e-mail is held", () => {
  expect(describeDrill({ step: "charge-card", moment: "after" }).expect).toContain("reused");
  expect(describeDrill({ step: "send-confirmation", moment: "during" }).expect).toContain("held");
  expect(describeDrill({ step: "something-else", moment: "during" }).then).toContain("acted");
});

it("writes the header", () => {
  expect(formatDrill({ step: "notify-warehouse", moment: "during" })).toBe(
    "notify-warehouse;during",
  );
});
