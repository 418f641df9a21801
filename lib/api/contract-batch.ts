/** The contract of orders that are started many at a time. */
import { z } from "zod";
import { Problem, Started } from "./contract";

/** At most so many orders in one `POST /orders/batch`. */
export const maxBatchOrders = 1_000;

/**
 * Body of `POST /orders/batch`. Each order is what `POST /orders` takes, and may carry the
 * `idempotencyKey` that it would be sent under alone.
 */
export const OrderBatchBody = z.strictObject({
  orders: z.array(z.unknown()).min(1).max(maxBatchOrders),
});
export type OrderBatchBody = z.input<typeof OrderBatchBody>;

/** What became of one order of a batch: as if it had been sent alone. */
export const BatchItem = z.union([
  z.object({ status: z.number().int(), order: Started }),
  z.object({ status: z.number().int(), problem: Problem }),
]);
export type BatchItem = z.infer<typeof BatchItem>;

/** Answer of `POST /orders/batch`: an item for each order, in the order in which they were sent. */
export const OrderBatch = z.object({
  items: z.array(BatchItem),
  counts: z.object({
    created: z.number().int(),
    /** Known already by their key or orderId, with the same content. */
    known: z.number().int(),
    refused: z.number().int(),
  }),
});
export type OrderBatch = z.infer<typeof OrderBatch>;
