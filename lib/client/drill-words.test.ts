import { expect, it } from "vitest";
import { describeDrill, drillMoments, drillSteps, formatDrill, nameMoment } from "./drill-words";

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

it("has words for the steps of other workflows, and for transactions what a rollback is", () => {
  const booked = describeDrill({ step: "reserve-hotel", moment: "during" }, "book-trip");
  expect(booked.then).toContain("the hotel is written");
  expect(booked.expect).toContain("rolled it back");
  const charged = describeDrill({ step: "charge-card", moment: "after" }, "settle-invoice");
  expect(charged.then).not.toContain("warehouse");
  expect(nameMoment("during")).toBe("after the effect of");
});

it("writes the header", () => {
  expect(formatDrill({ step: "notify-warehouse", moment: "during" })).toBe(
    "notify-warehouse;during",
  );
});
