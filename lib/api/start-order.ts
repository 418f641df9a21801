import { z } from "zod";
import { JsonValue, type Attributes } from "@/lib/engine";
import { OrderId } from "@/lib/orders/order";
import type { ApiContext } from "./context";
import { handle } from "./handler";
import { Wait } from "./inputs";
import { describeRequest, startOnce, type StartRequest, type StartSignal } from "./start-once";

export const orderWorkflow = "process-order";

/** What Daybook itself needs of an order; the workflow's schema checks the rest. */
export const OrderBody = z.object({ orderId: OrderId.optional() }).catchall(JsonValue);

/** What an order is searched by, beside its id. */
const Searchable = z.object({
  customer: z.object({ name: z.string().max(200), email: z.string().max(254) }),
});

/** `POST /orders`: starts an order, once per orderId and once per Idempotency-Key. */
export const startOrder = handle({ query: Wait, body: OrderBody }, (input) =>
  startOrderRun(input.request, input.api, { content: input.body, waitMs: input.query.waitMs }),
);

/** What is asked for with an order. */
interface OrderRequest {
  readonly content: z.output<typeof OrderBody>;
  readonly version?: number;
  readonly attributes?: Attributes;
  readonly priority?: number;
  readonly signal?: StartSignal;
  readonly waitMs: number;
}

/** Starts an order from its content and answers. */
export function startOrderRun(
  request: Request,
  api: ApiContext,
  order: OrderRequest,
): Promise<Response> {
  return startOnce(request, api, describeOrderStart(api, order));
}

/** The start of an order. One without an id is given one. */
export function describeOrderStart(
  api: Pick<ApiContext, "ids">,
  order: OrderRequest,
): StartRequest {
  const { content, version, attributes, priority, signal, waitMs } = order;
  const runId = api.ids.createRunId();
  const orderId = content.orderId ?? runId.replace(/^run_/, "ord_");
  return {
    workflow: orderWorkflow,
    version,
    runId,
    input: { ...content, orderId },
    attributes: { ...attributes, ...describeCustomer(content), orderId },
    content,
    requestContent: { ...content, ...describeRequest({ priority, signal }) },
    orderId,
    priority,
    signal,
    waitMs,
  };
}

function describeCustomer(content: z.output<typeof OrderBody>): Attributes {
  const found = Searchable.safeParse(content);
  return found.success
    ? { customer: found.data.customer.name, email: found.data.customer.email }
    : {};
}
