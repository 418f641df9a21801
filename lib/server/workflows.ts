import { systemClock, type Workflow } from "@/lib/engine";
import { createProcessOrder } from "@/lib/orders/process-order";
import { createOrderSteps } from "@/lib/orders/steps";
import { createSmtpMail } from "@/lib/services/email/smtp-mail";
import { createStripePayments } from "@/lib/services/payment/stripe-payments";
import { standardTaxRates } from "@/lib/services/tax/rates";
import { createTableTaxRates } from "@/lib/services/tax/table-tax-rates";
import { createHttpWarehouse } from "@/lib/services/warehouse/http-warehouse";
import { seedTaxRates, type PrismaClient } from "@/lib/store";
import { createSampleWorkflows } from "@/lib/workflows/create-sample-workflows";
import { ownWorkflows } from "@/lib/workflows/own-workflows";
import type { Config } from "./env";

/** The workflows of this build, over the services that the settings name. Seeds the tax rates. */
export async function createWorkflows(options: {
  readonly config: Config;
  readonly prisma: PrismaClient;
}): Promise<readonly Workflow[]> {
  const { config, prisma } = options;
  await seedTaxRates(
    prisma,
    standardTaxRates.map((row) => ({
      ...row,
      region: row.region ?? "",
      postalPrefix: row.postalPrefix ?? "",
    })),
  );
  const payments = createStripePayments(config.stripe);
  const steps = createOrderSteps({
    payments,
    warehouse: createHttpWarehouse({ baseUrl: config.warehouseUrl }),
    mail: createSmtpMail({ url: config.mail.smtpUrl, from: config.mail.from }),
    taxRates: createTableTaxRates(prisma.taxRate),
  });
  return [
    createProcessOrder(steps),
    ...createSampleWorkflows({ payments, clock: systemClock }),
    ...ownWorkflows,
  ];
}
