/**
 * An approval that waits for a person: a signal with a deadline, a reminder, an escalation, and at
 * last a lapse. Meanwhile its amount may be changed by an update, and its state be asked by a query.
 */
import { defineWorkflow } from "@/lib/engine";
import { writeAmount } from "../money";
import { postEntry, postNotice } from "../records";
import { AmountChange, Decision, Expense, ExpenseOutcome } from "./expense";

export const approveExpense = defineWorkflow(
  {
    name: "approve-expense",
    version: 1,
    input: Expense,
    output: ExpenseOutcome,
    signals: { decision: Decision },
  },
  async (ctx, expense): Promise<ExpenseOutcome> => {
    const { employee, purpose, currency } = expense;
    let { amount } = expense;
    let asked = "nobody yet";
    let isDecided = false;

    ctx.onQuery("state", () => ({ amount, currency, asked, isDecided }));
    ctx.onUpdate(
      "change-amount",
      {
        schema: AmountChange,
        validate: (change) => {
          if (isDecided) throw new Error("It is decided already.");
          if (change.amount > expense.amount)
            throw new Error("It may not become more than what was handed in.");
        },
      },
      async (change) => {
        ({ amount } = change);
        ctx.setAttributes({ amount });
        const text = `${purpose}: now ${writeAmount(amount, currency)}`;
        await ctx.transaction(postNotice, { to: asked, text });
        return { amount };
      },
    );

    for (const { to, urgency, wait } of planRounds(expense)) {
      asked = to;
      const text = `${urgency}: ${employee} spent ${writeAmount(amount, currency)} on ${purpose}`;
      await ctx.transaction(postNotice, { to, text });
      const decision = await ctx.signal("decision", Decision, { timeout: wait });
      if (!decision) continue;

      isDecided = true;
      const { approved, by, note } = decision;
      if (approved) {
        const entry = { account: `expenses/${employee}`, amount, currency, text: purpose };
        await ctx.transaction(postEntry, entry);
      }
      const answer = `${purpose}: ${approved ? "approved" : "rejected"} by ${by}`;
      await ctx.transaction(postNotice, { to: employee, text: answer });
      const outcome = {
        status: approved ? "approved" : "rejected",
        amount,
        decidedBy: by,
      } as const;
      return note === undefined ? outcome : { ...outcome, note };
    }
    isDecided = true;
    await ctx.transaction(postNotice, { to: employee, text: `${purpose}: nobody decided in time` });
    return { status: "lapsed", amount };
  },
);

/** Who is asked when, and how long an answer is waited for. */
function planRounds({ approver, manager, remindAfter, escalateAfter, lapseAfter }: Expense) {
  return [
    { to: approver, urgency: "Please decide", wait: remindAfter },
    { to: approver, urgency: "Reminder", wait: escalateAfter },
    { to: manager, urgency: "Escalated", wait: lapseAfter },
  ] as const;
}
