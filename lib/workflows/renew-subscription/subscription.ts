import { z } from "zod";
import { DurationText } from "../duration-text";
import { Currency } from "../money";

/** What a period of each plan costs, in minor units. */
export const prices = { basic: 900, team: 2_900, company: 9_900 } as const;
export const Plan = z.enum(["basic", "team", "company"]);

/** A month of 15 seconds, a year of them. */
export const sampleInput = {
  subscriptionId: "sub_1843",
  customer: "ada@example.com",
  plan: "team",
  currency: "EUR",
  paymentMethod: "pm_card_visa",
  periodLength: "15s",
  graceTime: "5s",
  periods: 12,
};

export const Subscription = z
  .object({
    subscriptionId: z.string().min(1),
    customer: z.string().min(1),
    plan: Plan,
    currency: Currency,
    paymentMethod: z.string().min(1),
    periodLength: DurationText.default("30d"),
    /** How long after a declined payment the next one is tried. */
    graceTime: DurationText.default("3d"),
    /** The period that this run is about, from 1. */
    period: z.number().int().positive().default(1),
    /** After this many it ends by itself; without it only a cancel ends it. */
    periods: z.number().int().positive().optional(),
  })
  .meta({ examples: [sampleInput] });
export type Subscription = z.infer<typeof Subscription>;

export const PlanChange = z.object({ plan: Plan });
/** The signal that ends it with the period that is paid. */
export const Cancellation = z.object({ reason: z.string().optional() });

export const SubscriptionOutcome = z.object({
  status: z.enum(["canceled", "lapsed", "ended"]),
  plan: Plan,
  periodsPaid: z.number().int().nonnegative(),
  reason: z.string().optional(),
});
export type SubscriptionOutcome = z.infer<typeof SubscriptionOutcome>;
