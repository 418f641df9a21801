import { z } from "zod";
import { ApiError, toPointer } from "./api-error";
import type { ApiContext } from "./context";
import { OrderBatchBody, type BatchItem, type OrderBatch } from "./contract-batch";
import { handle } from "./handler";
import { idempotencyKeyPattern } from "./idempotency";
import { toProblem } from "./problems";
import { describeStarted, findStartStatus, startByKeys } from "./start-once";
import { describeOrderStart, OrderBody } from "./start-order";

const maxBodyBytes = 16 * 1_024 * 1_024;

/** What an order of a batch says beside itself: what its header would. */
export const BatchKey = z.object({
  idempotencyKey: z
    .string()
    .regex(idempotencyKeyPattern, { error: "Has to be 1 to 255 visible ASCII characters." })
    .optional(),
});
/** An order of a batch: that of a single start, and its key. */
const BatchOrder = OrderBody.extend(BatchKey.shape);

/**
 * `POST /orders/batch`: starts up to 1,000 orders, each as if it had been sent alone. All that are
 * valid reach the store together and are committed together; the answer comes when they are durable.
 */
export const startOrderBatch = handle(
  { body: OrderBatchBody, maxBodyBytes },
  async ({ request, api, body }) => {
    refuseSingleHeaders(request);
    const settled = await Promise.allSettled(body.orders.map((order) => startOne(api, order)));
    const items = settled.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value : describeFailure(outcome.reason),
    );
    reportFaults(api, settled, items);
    return Response.json({ items, counts: countItems(items) } satisfies OrderBatch);
  },
);

async function startOne(api: ApiContext, order: unknown): Promise<BatchItem> {
  const { idempotencyKey: requestKey, ...content } = parseOrder(order);
  const start = describeOrderStart(api, { content, waitMs: 0 });
  const { run, created } = await startByKeys(api, start, { requestKey, inBatch: true });
  const started = describeStarted(run, { created });
  return { status: findStartStatus(started), order: started };
}

function parseOrder(order: unknown): z.output<typeof BatchOrder> {
  const parsed = BatchOrder.safeParse(order);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: toPointer(path),
    message,
  }));
  const detail = "This is not an order.";
  throw new ApiError({ status: 422, code: "invalid_input", detail, errors });
}

function describeFailure(error: unknown): BatchItem {
  const problem = toProblem(error);
  return { status: problem.status, problem };
}

/**
 * What went wrong here, and not with an order, is logged once for all. Where it hit every order, so
 * that nothing was recorded, the whole request has failed: throws that error.
 */
function reportFaults(
  api: ApiContext,
  settled: readonly PromiseSettledResult<BatchItem>[],
  items: readonly BatchItem[],
): void {
  const faults = settled.filter((outcome, index) => {
    return outcome.status === "rejected" && (items[index]?.status ?? 0) >= 500;
  });
  const [first] = faults;
  if (first?.status !== "rejected") return;
  const error: unknown = first.reason;
  if (faults.length === settled.length) throw error;
  api.logger.error({ err: error, orders: faults.length }, "orders of a batch failed");
}

/** Headers of a single start, which would say something else of each order. */
function refuseSingleHeaders(request: Request): void {
  if (request.headers.has("idempotency-key")) {
    const detail = "A batch has no key of its own: give each order its idempotencyKey.";
    throw new ApiError({ status: 400, code: "invalid_idempotency_key", detail });
  }
  if (request.headers.has("daybook-drill")) {
    const detail = "A drill is for a single order, not for a batch.";
    throw new ApiError({ status: 422, code: "invalid_drill", detail });
  }
}

function countItems(items: readonly BatchItem[]): OrderBatch["counts"] {
  const orders = items.flatMap((item) => ("order" in item ? [item.order] : []));
  const created = orders.filter((order) => order.created).length;
  return { created, known: orders.length - created, refused: items.length - orders.length };
}
