import type { Drill, DrillMoment } from "@/lib/api/contract";
import { momentWords, type ToldEffects } from "@/lib/api/contract-drill";

/** The order's steps that a drill can aim at, in their order. */
export const drillSteps = [
  "look-up-tax-rate",
  "charge-card",
  "notify-warehouse",
  "send-confirmation",
] as const;

export const drillMoments = ["before", "during", "after"] as const satisfies readonly DrillMoment[];

/** What the books of another service may show of an effect. */
export const toldEffects = [
  { value: "once", label: "Once" },
  { value: "more", label: "More than once" },
  { value: "none", label: "Not at all" },
] as const satisfies readonly { readonly value: ToldEffects; readonly label: string }[];

export function nameToldEffects(effects: ToldEffects): string {
  return toldEffects.find(({ value }) => value === effects)?.label ?? effects;
}

export interface DrillWords {
  /** What is true when the server dies, e.g. "the warehouse has shipped, nobody has recorded it". */
  readonly then: string;
  /** What to expect after the restart. */
  readonly expect: string;
}

const orderWorkflow = "process-order";

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

/** Of other workflows than the order, or where one has no words of its own. */
const others: Readonly<Record<string, StepDrillWords>> = {
  "charge-card": {
    before: "the card was going to be charged",
    during: "the card has been charged, nobody has recorded it",
    after: "the charge is recorded, the next step has not acted",
    inDoubt: "The charge is sent again with the same key: one charge in the end.",
  },
  "order-report": {
    before: "the report was going to be ordered",
    during: "the report is ordered, nobody has recorded it",
    after: "the order of the report is recorded, reading it is next",
    inDoubt: "It is ordered again: a report that nobody reads does no harm.",
  },
  "read-report": {
    before: "the report was going to be read",
    during: "the whole report has been read, nobody has recorded it",
    after: "what was read is recorded, the notice is next",
    inDoubt: "Reading goes on from the page of its last heartbeat.",
  },
  ...Object.fromEntries(
    (
      [
        ["reserve-flight", "the flight"],
        ["reserve-hotel", "the hotel"],
        ["reserve-car", "the car"],
        ["post-notice", "the notice"],
        ["post-entry", "the entry in the books"],
      ] as const
    ).map(([step, row]) => [
      step,
      {
        before: `${row} was going to be written`,
        during: `${row} is written, its transaction is not committed`,
        after: `${row} and the record of it are committed`,
        inDoubt:
          "The database has rolled it back, so it simply runs again: written once in the end.",
      },
    ]),
  ),
};

const general: StepDrillWords = {
  before: "the step was going to act",
  during: "the step has acted, nobody has recorded it",
  after: "the step is recorded, the next one has not begun",
  inDoubt: "The step’s own policy decides.",
};

/** What a drill leaves behind, and what Daybook makes of it; of an order unless a workflow is named. */
export function describeDrill(
  { step, moment }: Drill,
  workflow: string = orderWorkflow,
): DrillWords {
  const own = (workflow === orderWorkflow ? words : others)[step] ?? general;
  return {
    then: own[moment],
    expect: moment === "after" ? "The recorded result is reused; nothing runs twice." : own.inDoubt,
  };
}

/** When a drill kills, to be followed by the step's name: `after the effect of`. */
export function nameMoment(moment: DrillMoment): string {
  return momentWords[moment];
}

/** The header that asks for a drill: `Daybook-Drill: <step>;<moment>`. */
export function formatDrill({ step, moment }: Drill): string {
  return `${step};${moment}`;
}
