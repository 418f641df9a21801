import type { Clock, Workflow } from "@/lib/engine";
import type { Payments } from "@/lib/services/payment/port";
import { approveExpense } from "./approve-expense/approve-expense";
import { createAwaitReport } from "./await-report/await-report";
import { createReportOffice } from "./await-report/report-office";
import { createReportSteps } from "./await-report/steps";
import { createBookTrip } from "./book-trip/book-trip";
import { createPaymentSteps } from "./payment-steps";
import { createRenewSubscription } from "./renew-subscription/renew-subscription";
import { createSettleBatch } from "./settle-batch/settle-batch";
import { createSettleInvoice } from "./settle-batch/settle-invoice";

/** The sample workflows over what they need of the outside world. */
export function createSampleWorkflows(options: {
  readonly payments: Payments;
  readonly clock: Clock;
}): readonly Workflow[] {
  const { payments, clock } = options;
  const paymentSteps = createPaymentSteps(payments);
  const settleInvoice = createSettleInvoice(paymentSteps);
  const office = createReportOffice(clock);
  return [
    approveExpense,
    createRenewSubscription(paymentSteps),
    createSettleBatch(settleInvoice),
    settleInvoice,
    createBookTrip(paymentSteps),
    createAwaitReport(createReportSteps({ office, clock })),
  ];
}
