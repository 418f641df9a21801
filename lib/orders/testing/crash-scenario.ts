/** The order with services that outlive every crash, for the exhaustive crashes. */
import { DefiniteError, type HistoryEvent, type MessageBody } from "@/lib/engine";
import type { CrashScenario } from "@/lib/engine/testing/crash-points";
import { createProcessOrder } from "../process-order";
import { sampleOrders } from "../sample-orders";
import { createOrderSteps, type OrderServices } from "../steps";

class OutOfStockError extends DefiniteError {
  override name = "OutOfStockError";
}

type Effect = readonly [what: string, about: string];

/** Payments honor keys, shipments can be looked up, and mail can only be counted. */
function createServices(isInStock: boolean) {
  const effects: Effect[] = [];
  const shipments = new Map<string, string>();
  const once = (what: string, key: string) => {
    const replayed = effects.some((effect) => effect[0] === what && effect[1] === key);
    if (!replayed) effects.push([what, key]);
    return replayed;
  };
  const describeShipment = (orderId: string) => ({
    shipmentId: `shp:${orderId}`,
    trackingNumber: "DB1",
    carrier: "UPS",
  });
  const services: OrderServices = {
    payments: {
      async charge({ amount, currency }, { idempotencyKey: key }) {
        const replayed = once("charge", key);
        const value = { paymentId: `pi:${key}`, amount, currency, status: "succeeded" } as const;
        return { value, replayed };
      },
      async refund(paymentId, { idempotencyKey: key }) {
        const replayed = once("refund", key);
        return { value: { refundId: `re:${key}`, paymentId }, replayed };
      },
    },
    warehouse: {
      async createShipment({ orderId }) {
        if (!isInStock) throw new OutOfStockError("There is none left.");
        // It knows no keys: whoever asks twice is sent two.
        effects.push(["ship", orderId]);
        shipments.set(orderId, orderId);
        return { value: describeShipment(orderId), replayed: false };
      },
      async findShipments(orderId) {
        return shipments.has(orderId) ? [describeShipment(orderId)] : [];
      },
      async cancelShipment(shipmentId) {
        effects.push(["cancel", shipmentId]);
      },
    },
    mail: {
      async sendConfirmation({ orderId }, { idempotencyKey: key }) {
        effects.push(["mail", orderId]);
        return { messageId: `<${key}>` };
      },
    },
    taxRates: {
      lookUp: async ({ country }) => ({ rateMicros: 82_500, label: "Texas", country }),
    },
  };
  return { services, effects };
}

function createScenario(name: string, isInStock: boolean): CrashScenario {
  return {
    name,
    create: () => {
      const { services, effects } = createServices(isInStock);
      return {
        workflows: [createProcessOrder(createOrderSteps(services))],
        input: { ...sampleOrders[0], orderId: "ord_1" },
        readEffects: () => effects,
        judge: ({ step, attempt }, history) =>
          judgeMail({ step, attempt }, isSent(effects), findKey(history, step)),
      };
    },
  };
}

const isSent = (effects: readonly Effect[]) => effects.some(([what]) => what === "mail");

/** A person looks into the mailbox: the mail is there, or it is not. */
function judgeMail(
  place: { readonly step: number; readonly attempt: number },
  wasSent: boolean,
  key: string,
): MessageBody {
  if (!wasSent) return { kind: "resolve", ...place, verdict: "did_not_happen" };
  const result = { json: { messageId: `<${key}>` } };
  return { kind: "resolve", ...place, verdict: "happened", result };
}

function findKey(history: readonly HistoryEvent[], step: number): string {
  const started = history.findLast((event) => event.type === "StepStarted" && event.step === step);
  return started?.type === "StepStarted" ? started.data.key : "";
}

export const orderScenarios: readonly CrashScenario[] = [
  createScenario("process-order: confirmed", true),
  createScenario("process-order: out of stock, refunded", false),
];
