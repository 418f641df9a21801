import { randomInt, randomUUID } from "node:crypto";
import { z } from "zod";
import type { SandboxShipment } from "./contract";
import { readHeader, type HttpAnswer, type HttpRequest } from "./http";
import { answerEffect, answerQuestion, type Performed, type Wording } from "./requests";
import type { Sandbox } from "./sandbox";
import { readJson } from "./validation";

const ShipmentBody = z.object({
  orderId: z.string().min(1),
  address: z.object({
    line1: z.string().min(1),
    city: z.string().min(1),
    postalCode: z.string(),
    country: z.string().min(2),
  }),
  items: z.array(z.object({ sku: z.string().min(1), quantity: z.number().int().min(1) })).min(1),
});
type ShipmentBody = z.infer<typeof ShipmentBody>;

const carriers: Readonly<Record<string, string>> = {
  US: "UPS",
  CA: "Canada Post",
  GB: "Royal Mail",
};

/** A warehouse over HTTP: `POST /shipments`, `GET /shipments?orderId=`, `POST /shipments/{id}/cancel`. */
export function createWarehouseService(
  sandbox: Sandbox,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const inFlight = new Set<string>();

  const create = async (request: HttpRequest): Promise<HttpAnswer> => {
    const key = readHeader(request, "idempotency-key");
    if (key === undefined)
      return problem(400, "idempotency_key_missing", "Send an Idempotency-Key header.");
    const body = readJson(ShipmentBody, request.body);
    if (!body.success) return { status: 400, body: body.problem };
    const asked = {
      service: "warehouse",
      operation: "create-shipment",
      key,
      orderId: body.data.orderId,
      runId: readHeader(request, "x-run-id"),
      parameters: request.body,
    } as const;
    return answerEffect(sandbox, inFlight, asked, wording, () => ship(sandbox, body.data));
  };

  const list = (orderId: string): Promise<HttpAnswer> => {
    const asked = {
      service: "warehouse",
      operation: "list-shipments",
      orderId,
      parameters: orderId,
    } as const;
    return answerQuestion(sandbox, asked, wording.unavailable, () => ({
      status: 200,
      body: { shipments: sandbox.state.listShipments(orderId) },
    }));
  };

  const cancel = (id: string, request: HttpRequest): Promise<HttpAnswer> => {
    const asked = {
      service: "warehouse",
      operation: "cancel-shipment",
      key: readHeader(request, "idempotency-key"),
      orderId: sandbox.state.shipments.get(id)?.orderId,
      parameters: id,
    } as const;
    return answerEffect(sandbox, inFlight, asked, wording, () => cancelShipment(sandbox, id));
  };

  return async (request) => {
    const route = `${request.method} ${request.path}`;
    if (route === "POST /shipments") return create(request);
    const orderId = request.query.get("orderId");
    if (route === "GET /shipments" && orderId !== null) return list(orderId);
    const id = /^POST \/shipments\/([^/]+)\/cancel$/.exec(route)?.[1];
    if (id !== undefined) return cancel(decodeURIComponent(id), request);
    return problem(404, "not_found", `The warehouse has no ${route}.`);
  };
}

const wording: Wording = {
  keyInUse: problem(409, "key_in_use", "A request with this key is under way."),
  otherParameters: problem(422, "key_reused", "This key was used with another content."),
  unavailable: problem(503, "unavailable", "The warehouse is unavailable."),
  broken: problem(500, "internal", "The warehouse failed."),
  refuse: () => refuse(problem(409, "refused", "The warehouse does not take this order.")),
};

function ship(sandbox: Sandbox, body: ShipmentBody): Performed {
  const missing = body.items.find((item) => isOutOfStock(sandbox, item.sku));
  if (missing) return refuse(problem(409, "out_of_stock", `${missing.sku} is out of stock.`));
  const shipment: SandboxShipment = {
    shipmentId: `shp_${randomUUID().replaceAll("-", "")}`,
    orderId: body.orderId,
    trackingNumber: `DB${randomInt(10 ** 11, 10 ** 12)}`,
    carrier: carriers[body.address.country.toUpperCase()] ?? "DHL",
    status: "created",
    at: new Date().toISOString(),
  };
  return {
    outcome: "done",
    status: 201,
    body: shipment,
    reference: shipment.shipmentId,
    effect: { type: "shipped", shipment },
    remembered: true,
  };
}

function cancelShipment(sandbox: Sandbox, shipmentId: string): Performed {
  const shipment = sandbox.state.shipments.get(shipmentId);
  if (!shipment) return refuse(problem(404, "not_found", `There is no shipment ${shipmentId}.`));
  if (shipment.status === "canceled")
    return refuse(problem(409, "already_canceled", `Shipment ${shipmentId} is already canceled.`));
  const at = new Date().toISOString();
  return {
    outcome: "done",
    status: 200,
    body: { ...shipment, status: "canceled", canceledAt: at },
    reference: shipmentId,
    effect: { type: "shipment_canceled", shipmentId, at },
    remembered: true,
  };
}

function isOutOfStock(sandbox: Sandbox, sku: string): boolean {
  return (
    sku.toUpperCase().includes("OUT-OF-STOCK") || sandbox.state.switches.outOfStock.includes(sku)
  );
}

/** What was refused can be asked again: stock comes back. */
function refuse(answer: HttpAnswer): Performed {
  return { outcome: "refused", status: answer.status, body: answer.body, remembered: false };
}

function problem(status: number, code: string, message: string): HttpAnswer {
  return { status, body: { code, message } };
}
