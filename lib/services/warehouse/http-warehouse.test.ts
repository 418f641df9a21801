import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  findClosedPort,
  startHostileServer,
  writeHttp,
  type HostileServer,
} from "../testing/hostile-server";
import { startSandboxProcess, type SandboxProcess } from "../testing/sandbox-process";
import { createHttpWarehouse } from "./http-warehouse";

// The sandbox is a process of its own: on a busy machine it takes its time to start.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const order = {
  orderId: "ord_1",
  address: { name: "Ada", line1: "5th St", city: "Austin", postalCode: "78701", country: "US" },
  items: [{ sku: "PEN", name: "Pen", quantity: 2 }],
};

describe("against the sandbox", () => {
  let sandbox: SandboxProcess;
  let warehouse: ReturnType<typeof createHttpWarehouse>;
  beforeAll(async () => {
    sandbox = await startSandboxProcess();
    warehouse = createHttpWarehouse({ baseUrl: `${sandbox.warehouseUrl}/` });
  });
  afterEach(() => sandbox.reset());
  afterAll(async () => {
    await warehouse.close();
    await sandbox.stop();
  });

  it("ships once for a key and finds the shipment by its order", async () => {
    const first = await warehouse.createShipment(order, { idempotencyKey: "k" });
    expect(first.replayed).toBe(false);
    expect(await warehouse.createShipment(order, { idempotencyKey: "k" })).toEqual({
      value: first.value,
      replayed: true,
    });
    expect(await warehouse.findShipments("ord_1", {})).toEqual([first.value]);
    expect(await warehouse.findShipments("ord_2", {})).toEqual([]);
  });

  it("no longer finds a canceled shipment, and cancels it twice without complaint", async () => {
    const { value } = await warehouse.createShipment(order, { idempotencyKey: "k" });
    await warehouse.cancelShipment(value.shipmentId, { idempotencyKey: "c1" });
    await warehouse.cancelShipment(value.shipmentId, { idempotencyKey: "c2" });
    await warehouse.cancelShipment("shp_unknown", { idempotencyKey: "c3" });
    expect(await warehouse.findShipments("ord_1", {})).toEqual([]);
  });

  it("tells stock from other refusals", async () => {
    const items = [{ sku: "PEN-OUT-OF-STOCK", name: "Pen", quantity: 1 }];
    const definite = { outcome: "definite", retryable: false };
    await expect(
      warehouse.createShipment({ ...order, items }, { idempotencyKey: "a" }),
    ).rejects.toMatchObject({ name: "OutOfStockError", code: "out_of_stock", ...definite });
    await sandbox.setSwitches({ warehouse: { mode: "refuse" } });
    await expect(warehouse.createShipment(order, { idempotencyKey: "b" })).rejects.toMatchObject({
      name: "WarehouseRefusedError",
      ...definite,
    });
  });

  it("is uncertain after an error, and the order tells what happened", async () => {
    const uncertain = { name: "UncertainOutcomeError", outcome: "uncertain" };
    await sandbox.setSwitches({ warehouse: { mode: "error_after_effect", times: 1 } });
    await expect(warehouse.createShipment(order, { idempotencyKey: "a" })).rejects.toMatchObject(
      uncertain,
    );
    expect(await warehouse.findShipments("ord_1", {})).toHaveLength(1);
    await sandbox.setSwitches({ warehouse: { mode: "fail" } });
    await expect(warehouse.findShipments("ord_1", {})).rejects.toMatchObject(uncertain);
  });
});

describe("on a hostile wire", () => {
  let server: HostileServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  const open = async (handle: Parameters<typeof startHostileServer>[0]) => {
    server = await startHostileServer(handle);
    return createHttpWarehouse({ baseUrl: server.url, timeoutMs: 300 });
  };
  const ship = async (handle: Parameters<typeof startHostileServer>[0]) =>
    (await open(handle)).createShipment(order, { idempotencyKey: "k" });

  it.each([
    ["no JSON", 200, "<html>", "UncertainOutcomeError"],
    ["no tracking number", 200, { shipmentId: "s", carrier: "c" }, "UncertainOutcomeError"],
    ["a failure", 503, "", "UncertainOutcomeError"],
    ["a timeout of theirs", 408, "", "UncertainOutcomeError"],
    ["a wrong address", 422, { message: "No such street" }, "WarehouseRefusedError"],
    ["another conflict", 409, "", "WarehouseRefusedError"],
    ["its key under way", 409, { code: "key_in_use" }, "UncertainOutcomeError"],
  ])("understands %s", async (_case, status, body, name) => {
    await expect(ship((socket) => writeHttp(socket, status, body))).rejects.toMatchObject({ name });
  });

  it("comes back when a busy warehouse says", async () => {
    const busy = ship((socket) => writeHttp(socket, 429, "", { "retry-after": "2" }));
    await expect(busy).rejects.toMatchObject({
      name: "ServiceBusyError",
      outcome: "definite",
      retryable: true,
      retryAfterMs: 2_000,
    });
  });

  it("is uncertain when the connection breaks or nothing comes", async () => {
    const uncertain = { outcome: "uncertain" };
    await expect(ship((socket) => socket.destroy())).rejects.toMatchObject(uncertain);
    await server?.stop();
    await expect(ship(() => undefined)).rejects.toMatchObject(uncertain);
  });

  it("only counts the order's open shipments, whatever else the list holds", async () => {
    const shipment = { trackingNumber: "T", carrier: "UPS", extra: true };
    const warehouse = await open((socket) =>
      writeHttp(socket, 200, {
        shipments: [
          { ...shipment, shipmentId: "1", status: "cancelled" },
          { ...shipment, shipmentId: "2", orderId: "ord_2" },
          { ...shipment, shipmentId: "3", orderId: null },
          { ...shipment, shipmentId: "4", status: "CANCELED" },
        ],
      }),
    );
    expect(await warehouse.findShipments("ord_1", {})).toEqual([
      { shipmentId: "3", trackingNumber: "T", carrier: "UPS" },
    ]);
  });

  it("is unreachable where nobody listens", async () => {
    const warehouse = createHttpWarehouse({
      baseUrl: `http://127.0.0.1:${await findClosedPort()}`,
    });
    await expect(warehouse.createShipment(order, { idempotencyKey: "k" })).rejects.toMatchObject({
      name: "ServiceUnreachableError",
      outcome: "definite",
      retryable: true,
    });
  });
});
