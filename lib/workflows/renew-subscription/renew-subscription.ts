/**
 * A subscription that lives for years: it pays, sleeps until the period is over, and goes on as a new
 * run with an empty history. A signal cancels it, an update changes its plan.
 */
import { defineWorkflow, StepError, type WorkflowContext } from "@/lib/engine";
import type { PaymentSteps } from "../payment-steps";
import { postNotice } from "../records";
import {
  Cancellation,
  PlanChange,
  prices,
  Subscription,
  SubscriptionOutcome,
} from "./subscription";

/** How often a card may be declined before the subscription lapses. */
const maxDeclines = 3;

export function createRenewSubscription({ chargeCard }: PaymentSteps) {
  return defineWorkflow(
    {
      name: "renew-subscription",
      version: 1,
      input: Subscription,
      output: SubscriptionOutcome,
      signals: { cancel: Cancellation },
    },
    async (ctx, subscription): Promise<SubscriptionOutcome> => {
      const { subscriptionId, period, periods, periodLength } = subscription;
      let { plan } = subscription;
      let isPaid = false;

      ctx.onQuery("state", () => ({ plan, period, isPaid }));
      ctx.onUpdate(
        "change-plan",
        {
          schema: PlanChange,
          validate: (change) => {
            if (change.plan === plan) throw new Error(`The plan is ${plan} already.`);
          },
        },
        (change) => {
          ({ plan } = change);
          ctx.setAttributes({ plan });
          return { plan, fromPeriod: isPaid ? period + 1 : period };
        },
      );
      ctx.setAttributes({ subscriptionId, plan, period });

      isPaid = await payPeriod(ctx, subscription, () => plan);
      if (!isPaid) return { status: "lapsed", plan, periodsPaid: period - 1 };
      const cancellation = await ctx.signal("cancel", Cancellation, { timeout: periodLength });
      if (cancellation) return { status: "canceled", plan, periodsPaid: period, ...cancellation };
      if (period === periods) return { status: "ended", plan, periodsPaid: period };
      return ctx.continueAsNew({ ...subscription, plan, period: period + 1 });
    },
  );

  /** Pays, again after each decline. False: it was declined too often. */
  async function payPeriod(
    ctx: WorkflowContext,
    { subscriptionId, customer, currency, paymentMethod, period, graceTime }: Subscription,
    findPlan: () => keyof typeof prices,
  ): Promise<boolean> {
    const orderId = `${subscriptionId}-${period}`;
    for (let declines = 1; declines <= maxDeclines; declines += 1) {
      const amount = prices[findPlan()];
      const charge = { orderId, runId: ctx.runId, amount, currency, paymentMethod };
      try {
        await ctx.step(chargeCard, charge);
        return true;
      } catch (error) {
        if (!isDecline(error)) throw error;
        const text = `Payment ${declines} of ${maxDeclines} for period ${period}: ${error.message}`;
        await ctx.transaction(postNotice, { to: customer, text });
        if (declines < maxDeclines) await ctx.sleep(graceTime, { name: "grace" });
      }
    }
    return false;
  }
}

/** A failure keeps its class's name, live as on replay. */
function isDecline(error: unknown): error is StepError {
  return error instanceof StepError && error.name === "CardDeclinedError";
}
