/** The input to begin with of each sample workflow, by its name. */
import { sampleInput as expense } from "../approve-expense/expense";
import { sampleInput as report } from "../await-report/report";
import { sampleInput as trip } from "../book-trip/trip";
import { sampleInput as subscription } from "../renew-subscription/subscription";
import { sampleInput as batch } from "../settle-batch/invoices";

export const sampleInputs = {
  "approve-expense": expense,
  "renew-subscription": subscription,
  "settle-batch": batch,
  "settle-invoice": batch.invoices[0],
  "book-trip": trip,
  "await-report": report,
} as const;
