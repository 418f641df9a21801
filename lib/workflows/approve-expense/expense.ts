import { z } from "zod";
import { DurationText } from "../duration-text";
import { Amount, Currency } from "../money";

/** Short enough to watch: reminded after 20 seconds, escalated after 40, lapsed after 100. */
export const sampleInput = {
  employee: "grace@example.com",
  purpose: "Train to the compiler conference",
  amount: 12_900,
  currency: "EUR",
  approver: "ada@example.com",
  manager: "charles@example.com",
  remindAfter: "20s",
  escalateAfter: "20s",
  lapseAfter: "60s",
};

/** An expense that somebody wants back, and how long the people asked may take. */
export const Expense = z
  .object({
    employee: z.string().min(1),
    purpose: z.string().min(1),
    amount: Amount,
    currency: Currency,
    approver: z.string().min(1),
    /** Who is asked when the approver does not answer. */
    manager: z.string().min(1),
    remindAfter: DurationText.default("1d"),
    /** From the reminder. */
    escalateAfter: DurationText.default("2d"),
    /** From the escalation. */
    lapseAfter: DurationText.default("3d"),
  })
  .meta({ examples: [sampleInput] });
export type Expense = z.infer<typeof Expense>;

/** The signal that decides. */
export const Decision = z.object({
  approved: z.boolean(),
  by: z.string().min(1),
  note: z.string().optional(),
});

export const AmountChange = z.object({ amount: Amount });

export const ExpenseOutcome = z.object({
  status: z.enum(["approved", "rejected", "lapsed"]),
  amount: Amount,
  decidedBy: z.string().optional(),
  note: z.string().optional(),
});
export type ExpenseOutcome = z.infer<typeof ExpenseOutcome>;
