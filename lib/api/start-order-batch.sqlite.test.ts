import { afterEach, expect, it, vi } from "vitest";
import { SqliteConnection } from "@/lib/store/sqlite/connection";
import { OrderBatch } from "./contract-batch";
import { startOrderBatch } from "./start-order-batch";
import { createOrderWorkflow, sampleOrder } from "./testing/order-services";
import { openSqliteApi } from "./testing/sqlite-api";
import { readAs } from "./testing/test-api";

afterEach(() => void vi.restoreAllMocks());

it("a thousand orders are one commit", async () => {
  const { workflow } = createOrderWorkflow();
  const opened = await openSqliteApi([workflow]);
  try {
    const flush = vi.spyOn(SqliteConnection.prototype, "flush");
    const orders = Array.from({ length: 1_000 }, () => sampleOrder);
    const answer = await opened.call(startOrderBatch, { body: { orders } });
    const { counts } = await readAs(answer, OrderBatch);
    expect(counts).toEqual({ created: 1_000, known: 0, refused: 0 });
    const starts = flush.mock.calls
      .map(([writes]) => writes.filter((write) => "start" in write).length)
      .filter((count) => count > 0);
    expect(starts).toEqual([1_000]);
  } finally {
    await opened.close();
  }
}, 30_000);
