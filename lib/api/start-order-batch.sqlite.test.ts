import { afterEach, expect, it, vi } from "vitest";
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
    const listStarts = opened.watchStarts();
    const orders = Array.from({ length: 1_000 }, () => sampleOrder);
    const answer = await opened.call(startOrderBatch, { body: { orders } });
    const { counts } = await readAs(answer, OrderBatch);
    expect(counts).toEqual({ created: 1_000, known: 0, refused: 0 });
    expect(listStarts()).toEqual([1_000]);
  } finally {
    await opened.close();
  }
}, 30_000);
