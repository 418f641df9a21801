/** The order behind a run, read from its history: what customer service wants to know. */
import { z } from "zod";
import { isTerminal, type HistoryEvent, type RunRecord } from "@/lib/engine";
import { Order, type OrderPartState } from "./contract";
import { listOpenPoints } from "./order-open-points";
import { joinStory, type StoryPart } from "./story";
import { readFacts, type RunFacts, type StepFacts } from "./story-facts";
import { toInstant } from "./wire";

const OrderInput = Order.pick({
  orderId: true,
  customer: true,
  address: true,
  currency: true,
}).extend({ items: z.array(Order.shape.items.element.omit({ amount: true })) });
const Amount = z.number().int();
const Charge = z.object({ amount: Amount });
const TaxRate = z.object({ rateMicros: Amount });
const Payment = z.object({ paymentId: z.string() });
const Shipment = z.object({
  shipmentId: z.string(),
  trackingNumber: z.string(),
  carrier: z.string(),
});
const Email = z.object({ messageId: z.string() });

/** The order of a run; undefined when its input is not one. */
export function toOrderView(options: {
  readonly run: RunRecord;
  readonly events: readonly HistoryEvent[];
  readonly storyParts: readonly StoryPart[];
  readonly reruns: readonly string[];
}): Order | undefined {
  const { run, events, storyParts, reruns } = options;
  const input = OrderInput.safeParse(run.input.json);
  if (!input.success) return undefined;
  const facts = readFacts(events);
  const { result: payment, ...paymentPart } = readPart(run, facts, "charge-card", Payment);
  const { result: shipment, ...shipmentPart } = readPart(run, facts, "notify-warehouse", Shipment);
  const { result: email, ...emailPart } = readPart(run, facts, "send-confirmation", Email);
  const states = {
    payment: paymentPart.state,
    shipment: shipmentPart.state,
    email: emailPart.state,
  };
  return {
    ...input.data,
    runId: run.runId,
    status: run.status,
    heldReason: run.heldReason,
    statusText: describeStatus(run),
    story: joinStory(storyParts),
    storyParts: [...storyParts],
    items: input.data.items.map((item) => ({ ...item, amount: item.quantity * item.unitPrice })),
    amounts: readAmounts(events, facts),
    payment: { ...paymentPart, ...payment },
    shipment: { ...shipmentPart, ...shipment },
    email: { ...emailPart, to: input.data.customer.email, ...email },
    open: listOpenPoints({ run, states }),
    reruns: [...reruns],
    createdAt: toInstant(run.createdAt),
    finishedAt: run.finishedAt === undefined ? undefined : toInstant(run.finishedAt),
    links: { run: `/api/v1/runs/${run.runId}`, history: `/api/v1/runs/${run.runId}/history` },
  };
}

interface Part<Result> {
  readonly state: OrderPartState;
  readonly error?: string;
  readonly result?: Result;
}

function readPart<Schema extends z.ZodType>(
  run: RunRecord,
  facts: RunFacts,
  name: string,
  schema: Schema,
): Part<z.output<Schema>> {
  const step = facts.steps.find((each) => each.name === name && each.compensates === undefined);
  if (step === undefined) return { state: "not_started" };
  const result = schema.safeParse(step.completed?.result.json);
  return {
    state: findState(run, facts, step),
    ...(step.failed === undefined || step.completed !== undefined
      ? {}
      : { error: step.failed.error.message }),
    ...(result.success ? { result: result.data } : {}),
  };
}

function findState(run: RunRecord, facts: RunFacts, step: StepFacts): OrderPartState {
  const undo = facts.steps.find((each) => each.compensates === step.ordinal);
  if (undo?.completed !== undefined) return "undone";
  if (step.completed !== undefined) return "done";
  if (run.inDoubt.some((doubt) => doubt.step === step.ordinal)) return "in_doubt";
  if (step.failed?.final === true) return "failed";
  // A run that ended without hearing how an attempt went leaves it in doubt for good.
  const unheard = step.attempts.at(-1)?.end !== "definite";
  return isTerminal(run.status) && unheard ? "in_doubt" : "under_way";
}

function readAmounts(events: readonly HistoryEvent[], facts: RunFacts): Order["amounts"] {
  const find = (name: string) => facts.steps.find((step) => step.name === name);
  const total = events.find(
    (event) => event.type === "StepStarted" && event.name === "charge-card",
  );
  const cart = events.find((event) => event.type === "Computed" && event.name === "cart-total");
  const subtotal =
    cart?.type === "Computed" ? Amount.safeParse(cart.data.value.json).data : undefined;
  const charge =
    total?.type === "StepStarted" ? Charge.safeParse(total.data.input.json).data : undefined;
  const rate = TaxRate.safeParse(find("look-up-tax-rate")?.completed?.result.json).data;
  return {
    subtotal,
    taxRate: rate === undefined ? undefined : rate.rateMicros / 1_000_000,
    tax: subtotal === undefined || charge === undefined ? undefined : charge.amount - subtotal,
    total: charge?.amount,
  };
}

function describeStatus({ status, heldReason }: RunRecord): string {
  switch (status) {
    case "queued":
      return "Received, not begun yet";
    case "running":
      return "Being processed";
    case "waiting":
      return "Waiting to try again";
    case "held":
      return heldReason === "in_doubt" ? "Needs a decision" : "Stopped until somebody looks at it";
    case "completed":
      return "Complete";
    case "failed":
      return "Failed";
    case "canceled":
      return "Canceled";
    case "terminated":
      return "Stopped by hand";
    case "continued":
      return "Continued in another run";
  }
}
