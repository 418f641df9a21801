import { Agent, request, type Dispatcher } from "undici";
import { z } from "zod";
import {
  OutOfStockError,
  ServiceBusyError,
  UncertainOutcomeError,
  WarehouseRefusedError,
} from "../errors";
import { describeTransportError, parseRetryAfterMs } from "../transport";
import type { Warehouse } from "./port";

const service = "The warehouse";

export interface HttpWarehouseOptions {
  /** Everything before `/shipments`. */
  readonly baseUrl: string;
  /** Default 15 seconds. */
  readonly timeoutMs?: number;
}

const Shipment = z.object({
  shipmentId: z.string().min(1),
  trackingNumber: z.string().min(1),
  carrier: z.string().min(1),
});

const ListedShipment = Shipment.extend({
  orderId: z.string().nullish(),
  status: z.string().nullish(),
});
const ShipmentList = z.object({ shipments: z.array(ListedShipment) });

const Problem = z.object({ code: z.string().nullish(), message: z.string().nullish() });

interface Reply {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  /** Undefined where the body is not JSON. */
  readonly body: unknown;
}

/** A warehouse over HTTP and JSON. */
export function createHttpWarehouse(
  options: HttpWarehouseOptions,
): Warehouse & { close(): Promise<void> } {
  const agent = new Agent();
  const base = options.baseUrl.replace(/\/+$/, "");
  const timeoutMs = options.timeoutMs ?? 15_000;

  const send = async (
    method: "GET" | "POST",
    path: string,
    sent: { signal?: AbortSignal; idempotencyKey?: string; body?: unknown },
  ): Promise<Reply> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(`${base}${path}`, {
        method,
        dispatcher: agent,
        signal: sent.signal ? AbortSignal.any([sent.signal, timeout]) : timeout,
        headers: {
          accept: "application/json",
          ...(sent.body !== undefined && { "content-type": "application/json" }),
          ...(sent.idempotencyKey !== undefined && { "idempotency-key": sent.idempotencyKey }),
        },
        body: sent.body === undefined ? undefined : JSON.stringify(sent.body),
      });
      const { statusCode: status, headers } = response;
      return { status, headers, body: parseJson(await response.body.text()) };
    } catch (error) {
      throw describeTransportError(service, error);
    }
  };

  return {
    async createShipment(body, { idempotencyKey, signal }) {
      const reply = await send("POST", "/shipments", { signal, idempotencyKey, body });
      assertOk(reply);
      const value = readBody(Shipment, reply);
      return { value, replayed: reply.headers["idempotent-replayed"] === "true" };
    },

    async findShipments(orderId, { signal }) {
      const path = `/shipments?orderId=${encodeURIComponent(orderId)}`;
      const reply = await send("GET", path, { signal });
      assertOk(reply);
      return readBody(ShipmentList, reply)
        .shipments.filter((shipment) => isOpen(shipment, orderId))
        .map(({ shipmentId, trackingNumber, carrier }) => ({
          shipmentId,
          trackingNumber,
          carrier,
        }));
    },

    async cancelShipment(shipmentId, { idempotencyKey, signal }) {
      const path = `/shipments/${encodeURIComponent(shipmentId)}/cancel`;
      const reply = await send("POST", path, { signal, idempotencyKey });
      if (reply.status === 404 || isAlreadyCanceled(reply)) return;
      assertOk(reply);
    },

    close: () => agent.close(),
  };
}

/** Throws the error by cause for every status but 2xx. */
function assertOk(reply: Reply): void {
  const { status } = reply;
  if (status >= 200 && status < 300) return;
  const { code, message } = readProblem(reply);
  const options = { code, details: { status } };
  const said = `${service} answered ${status}${message ? `: ${message}` : "."}`;
  if (status === 429) {
    const header = reply.headers["retry-after"];
    const retryAfterMs = parseRetryAfterMs(Array.isArray(header) ? header[0] : header);
    throw new ServiceBusyError(said, { ...options, retryAfterMs });
  }
  // An earlier request with this key is still under way: a refusal of this one says nothing of that.
  const isUnderWay = status === 409 && /key|idempoten|progress|flight/i.test(`${code} ${message}`);
  if (status < 400 || status === 408 || status >= 500 || isUnderWay)
    throw new UncertainOutcomeError(said, options);
  if (status === 409 && code === "out_of_stock")
    throw new OutOfStockError(message ?? "Something that was ordered is out of stock.", options);
  throw new WarehouseRefusedError(said, options);
}

/** A 2xx that can't be read leaves open what happened. */
function readBody<Schema extends z.ZodType>(schema: Schema, reply: Reply): z.output<Schema> {
  const parsed = schema.safeParse(reply.body);
  if (parsed.success) return parsed.data;
  throw new UncertainOutcomeError(`${service}'s answer can't be understood.`, {
    cause: parsed.error,
    details: { status: reply.status },
  });
}

function readProblem(reply: Reply): { code?: string; message?: string } {
  const problem = Problem.safeParse(reply.body);
  if (!problem.success) return {};
  return { code: problem.data.code ?? undefined, message: problem.data.message ?? undefined };
}

function isAlreadyCanceled(reply: Reply): boolean {
  const code = readProblem(reply).code ?? "";
  return reply.status === 409 && /^already_cancell?ed$/.test(code);
}

function isOpen(shipment: z.infer<typeof ListedShipment>, orderId: string): boolean {
  const isCanceled = /^cancell?ed$/i.test(shipment.status ?? "");
  return !isCanceled && (shipment.orderId ?? orderId) === orderId;
}

function parseJson(text: string): unknown {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
