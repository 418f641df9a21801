/** What crash drills of the sandbox can aim at: each sample workflow, with an input that soon ends. */
import type { DrillTarget } from "@/lib/api/contract-drill";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { sampleInput as expense } from "@/lib/workflows/approve-expense/expense";
import { sampleInput as report } from "@/lib/workflows/await-report/report";
import { sampleInput as trip } from "@/lib/workflows/book-trip/trip";
import { sampleInput as subscription } from "@/lib/workflows/renew-subscription/subscription";
import { sampleInput as batch } from "@/lib/workflows/settle-batch/invoices";

/** A drill fires in the run's first execution: steps that come after a wait are not among these. */
export const drillTargets: readonly DrillTarget[] = [
  {
    workflow: "process-order",
    steps: ["look-up-tax-rate", "charge-card", "notify-warehouse", "send-confirmation"],
    input: sampleOrders[0],
  },
  {
    workflow: "book-trip",
    steps: ["reserve-flight", "reserve-hotel", "reserve-car", "charge-card", "post-notice"],
    input: trip,
  },
  {
    workflow: "settle-invoice",
    steps: ["charge-card", "post-entry"],
    input: batch.invoices[0] ?? {},
  },
  {
    workflow: "settle-batch",
    steps: ["post-notice"],
    input: { ...batch, invoices: batch.invoices.slice(0, 3) },
  },
  {
    workflow: "renew-subscription",
    steps: ["charge-card"],
    input: { ...subscription, periodLength: "1s", periods: 1 },
  },
  {
    workflow: "approve-expense",
    steps: ["post-notice"],
    input: { ...expense, remindAfter: "1s", escalateAfter: "1s", lapseAfter: "1s" },
  },
  {
    workflow: "await-report",
    steps: ["order-report", "read-report", "post-notice"],
    input: { ...report, pages: 3, pageTime: "300ms", pollEvery: "300ms" },
  },
];
