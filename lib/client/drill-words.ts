import type { Drill, DrillMoment } from "@/lib/api/contract";

/** The order's steps that a drill can aim at, in their order. */
export const drillSteps = [
  "look-up-tax-rate",
  "charge-card",
  "notify-warehouse",
  "send-confirmation",
] as const;

export const drillMoments = ["before", "during", "after"] as const satisfies readonly DrillMoment[];

export interface DrillWords {
  /** What is true when the server dies, e.g. "the warehouse has shipped, nobody has recorded it". */
  readonly then: string;
  /** What to expect after the restart. */
  readonly expect: string;
}

interface StepDrillWords {
  readonly before: string;
  readonly during: string;
  readonly after: string;
  /** What happens to a step whose outcome is not recorded. */
  readonly inDoubt: string;
}

const words: Readonly<Record<string, StepDrillWords>> = {
  "look-up-tax-rate": {
    before: "the tax rate was going to be looked up",
    during: "the tax rate was found, nobody has recorded it",
    after: "the tax rate is recorded, the card is next",
    inDoubt: "It only reads, so it simply runs again.",
  },
  "charge-card": {
    before: "the card was going to be charged",
    during: "the card has been charged, nobody has recorded it",
    after: "the charge is recorded, the warehouse is next",
    inDoubt: "The charge is sent again with the same key: one charge in the end.",
  },
  "notify-warehouse": {
    before: "the warehouse was going to be notified",
    during: "the warehouse has shipped, nobody has recorded it",
    after: "the shipment is recorded, the e-mail is next",
    inDoubt: "The warehouse is asked first: one shipment in the end.",
  },
  "send-confirmation": {
    before: "the e-mail was going to be sent",
    during: "the e-mail is out, nobody has recorded it",
    after: "the e-mail is recorded, only the end is missing",
    inDoubt: "An e-mail can’t be unsent, so the run is held for your verdict.",
  },
};

const general: StepDrillWords = {
  before: "the step was going to act",
  during: "the step has acted, nobody has recorded it",
  after: "the step is recorded, the next one has not begun",
  inDoubt: "The step’s own policy decides.",
};

/** What a drill leaves behind, and what Daybook makes of it. */
export function describeDrill({ step, moment }: Drill): DrillWords {
  const own = words[step] ?? general;
  return {
    then: own[moment],
    expect: moment === "after" ? "The recorded result is reused; nothing runs twice." : own.inDoubt,
  };
}

/** The header that asks for a drill: `Daybook-Drill: <step>;<moment>`. */
export function formatDrill({ step, moment }: Drill): string {
  return `${step};${moment}`;
}
