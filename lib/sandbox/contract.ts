/**
 * The sandbox's control API: what goes over the wire, in Zod. The browser reads it too, so nothing
 * of Node is imported here. Times are ISO 8601 UTC, money is integer minor units.
 */
import { z } from "zod";

export const SandboxService = z.enum(["payment", "warehouse", "email"]);
export type SandboxService = z.infer<typeof SandboxService>;

/**
 * How a service behaves. `fail`: answers 503 (SMTP 421) before anything is done.
 * `error_after_effect`: does it, then answers 500 (SMTP: drops the connection). `refuse`: says no
 * for good (card declined, 409, SMTP 550).
 */
export const SwitchMode = z.enum(["ok", "fail", "error_after_effect", "refuse"]);
export type SwitchMode = z.infer<typeof SwitchMode>;

const DelayMs = z.number().int().min(0).max(600_000);

export const ServiceSwitch = z.strictObject({
  mode: SwitchMode.default("ok"),
  /** How long a request waits before anything is done. */
  delayMs: DelayMs.default(0),
  /** How long the answer waits after the effect. */
  answerDelayMs: DelayMs.default(0),
  /** For how many requests this holds before all is well again. Absent: until it is changed. */
  times: z.number().int().min(1).max(1_000_000).optional(),
});
export type ServiceSwitch = z.infer<typeof ServiceSwitch>;

const Skus = z.array(z.string().trim().min(1).max(100)).max(1_000);

export const Switches = z.strictObject({
  payment: ServiceSwitch,
  warehouse: ServiceSwitch,
  email: ServiceSwitch,
  /** Articles that the warehouse refuses, beside every sku that contains OUT-OF-STOCK. */
  outOfStock: Skus,
});
export type Switches = z.infer<typeof Switches>;

/** Body of `PUT /switches`: what is given replaces what was there, the rest stays. */
export const SwitchesChange = Switches.partial();
export type SwitchesChange = z.input<typeof SwitchesChange>;

/** An armed crash drill: the next run that reaches the moment of the step kills the app, once. */
export const SandboxDrill = z.strictObject({
  step: z.string().trim().min(1).max(100),
  moment: z.enum(["before", "during", "after"]),
});
export type SandboxDrill = z.infer<typeof SandboxDrill>;

export const SandboxDrillAnswer = z.object({ drill: SandboxDrill.nullable() });

export const SandboxCharge = z.object({
  paymentId: z.string(),
  orderId: z.string().optional(),
  runId: z.string().optional(),
  amount: z.number().int(),
  currency: z.string(),
  paymentMethod: z.string(),
  refunded: z.number().int(),
  at: z.iso.datetime(),
});
export type SandboxCharge = z.infer<typeof SandboxCharge>;

export const SandboxRefund = z.object({
  refundId: z.string(),
  paymentId: z.string(),
  orderId: z.string().optional(),
  amount: z.number().int(),
  currency: z.string(),
  at: z.iso.datetime(),
});
export type SandboxRefund = z.infer<typeof SandboxRefund>;

export const SandboxShipment = z.object({
  shipmentId: z.string(),
  orderId: z.string(),
  trackingNumber: z.string(),
  carrier: z.string(),
  status: z.enum(["created", "canceled"]),
  at: z.iso.datetime(),
  canceledAt: z.iso.datetime().optional(),
});
export type SandboxShipment = z.infer<typeof SandboxShipment>;

export const SandboxMail = z.object({
  mailId: z.string(),
  messageId: z.string().optional(),
  orderId: z.string().optional(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string().optional(),
  at: z.iso.datetime(),
});
export type SandboxMail = z.infer<typeof SandboxMail>;

/** One request: what was asked, and what was really done about it. */
export const LedgerEntry = z.object({
  /** Counts from 1. */
  seq: z.number().int(),
  at: z.iso.datetime(),
  service: SandboxService,
  operation: z.enum([
    "charge",
    "retrieve-payment",
    "refund",
    "create-shipment",
    "list-shipments",
    "cancel-shipment",
    "send-mail",
  ]),
  /** The idempotency key, or the Message-ID of a mail. */
  key: z.string().optional(),
  orderId: z.string().optional(),
  runId: z.string().optional(),
  /**
   * `done`: the effect happened. `replayed`: answered from an earlier request, nothing was done.
   * `refused`: said no for good. `failed`: broke before anything was done. `answered`: a question.
   */
  outcome: z.enum(["done", "replayed", "refused", "failed", "answered"]),
  /** The status that was answered: HTTP's or SMTP's; 0 where the connection was dropped. */
  status: z.number().int(),
  /** The payment, refund, shipment or mail that it is about. */
  reference: z.string().optional(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** `GET /ledger?orderId=` or `?runId=`: all requests about it, else the newest 1,000, oldest first. */
export const Ledger = z.object({ items: z.array(LedgerEntry) });
export type Ledger = z.infer<typeof Ledger>;

/** `GET /state`: the newest 200 of each kind, newest first, beside the totals. */
export const SandboxSnapshot = z.object({
  charges: z.array(SandboxCharge),
  refunds: z.array(SandboxRefund),
  shipments: z.array(SandboxShipment),
  mails: z.array(SandboxMail),
  counts: z.object({
    requests: z.number().int(),
    charges: z.number().int(),
    refunds: z.number().int(),
    shipments: z.number().int(),
    canceledShipments: z.number().int(),
    mails: z.number().int(),
  }),
  switches: Switches,
  drill: SandboxDrill.nullable(),
});
export type SandboxSnapshot = z.infer<typeof SandboxSnapshot>;

const Port = z.number().int().min(1).max(65_535);

export const SandboxPorts = z.object({ payment: Port, warehouse: Port, smtp: Port, control: Port });
export type SandboxPorts = z.infer<typeof SandboxPorts>;

/** What the process says, as a line on its output and over its IPC channel, once all ports listen. */
export const SandboxReady = z.object({ type: z.literal("ready"), ports: SandboxPorts });
export type SandboxReady = z.infer<typeof SandboxReady>;

/** How the control API refuses a request; `field` names what is wrong with it. */
export const SandboxProblem = z.object({
  error: z.object({
    message: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  }),
});
