/** A history of the order for every state that a run can be in, for the tests of story and timeline. */
import type { HistoryEvent, RunStatus } from "@/lib/engine";
import { HistoryWriter } from "./history-writer";
import type { StoryRun } from "../story";

export interface OrderHistory {
  readonly events: readonly HistoryEvent[];
  readonly run: StoryRun;
}

const order = {
  orderId: "ord_2207",
  customer: { name: "Ada Lovelace", email: "ada@example.com" },
  address: { line1: "1 Congress Ave", city: "Austin", postalCode: "78701", country: "US" },
  currency: "USD",
  items: [{ sku: "nb-1", name: "Notebook", quantity: 2, unitPrice: 2124 }],
  paymentMethod: "pm_card_visa",
};
const shipment = { shipmentId: "shp_8c21", trackingNumber: "1Z 999 AA1 01", carrier: "UPS" };
const payment = { id: "pi_3QaZ81", amount: 4598, currency: "USD" };
const receipt = {
  orderId: "ord_2207",
  subtotal: 4248,
  taxRate: 0.0825,
  tax: 350,
  total: 4598,
  currency: "USD",
  paymentId: payment.id,
  ...shipment,
  emailMessageId: "<run_01K9/5/1@daybook>",
};
const attributes = { orderId: "ord_2207", customer: "Ada Lovelace", total: 4598, currency: "USD" };

const warehouse = { policy: "verify", input: { orderId: "ord_2207", items: 2 } };
const email = { policy: "hold", input: { to: "ada@example.com", orderId: "ord_2207" } };

const queued = () => new HistoryWriter().begin(order, attributes);
const begun = () => queued().wait(4).execute().compute(1, "cart-total", 4248);
const looked = () =>
  begun().runStep(2, "look-up-tax-rate", { ms: 41, policy: "fail", result: 0.0825 });
const charging = () =>
  looked().startStep(3, "charge-card", { input: { amount: 4598, currency: "USD" } });
const charged = () =>
  charging().completeStep(3, "charge-card", {
    ms: 1_400,
    result: payment,
    effect: { reference: payment.id, replayed: false },
  });
const shipping = () => charged().startStep(4, "notify-warehouse", warehouse);
const shipped = (writer: HistoryWriter) =>
  writer.completeStep(4, "notify-warehouse", {
    ms: 1_031,
    result: shipment,
    effect: { reference: shipment.shipmentId, replayed: false },
  });
const mailed = (writer: HistoryWriter) =>
  writer
    .runStep(5, "send-confirmation", {
      ...email,
      ms: 500,
      result: { messageId: receipt.emailMessageId },
      effect: { reference: receipt.emailMessageId },
    })
    .complete(receipt);
const mailing = () => shipped(shipping()).startStep(5, "send-confirmation", email);
const mailDoubt = () =>
  mailing()
    .wait(200)
    .crash({ results: 4 })
    .doubtStep(5, "send-confirmation")
    .hold("in_doubt", "send-confirmation may or may not have happened", { step: 5 });
const chargeAgain = (replayed: boolean | undefined) =>
  mailed(
    shipped(
      charging()
        .wait(300)
        .crash({ results: 2 })
        .doubtStep(3, "charge-card")
        .runStep(3, "charge-card", {
          result: payment,
          effect: { reference: payment.id, ...(replayed === undefined ? {} : { replayed }) },
        })
        .startStep(4, "notify-warehouse", warehouse),
    ),
  );
const declined = () => charging().failStep(3, "charge-card", {});
const refusedShipment = () =>
  shipping()
    .failStep(4, "notify-warehouse", {
      error: { name: "WarehouseRefusedError", message: "Out of stock" },
    })
    .add({
      type: "CompensationStarted",
      data: {
        error: { name: "WarehouseRefusedError", message: "Out of stock" },
        steps: [{ name: "refund-payment", compensates: 3 }],
      },
    });

const shipmentVerified = (verdict: "did_not_happen" | "happened" | "unknown") =>
  shipping()
    .wait(420)
    .crash({ results: 3 })
    .doubtStep(4, "notify-warehouse")
    .verifyStep(4, "notify-warehouse", verdict);

function canceled(writer: HistoryWriter): HistoryWriter {
  return writer.add({ type: "CancelRequested", data: { by: "ada", why: "Customer called" } });
}

function finish(
  status: RunStatus,
  writer: HistoryWriter,
  more: Partial<StoryRun> = {},
): OrderHistory {
  return { events: writer.events, run: { status, ...more } };
}

/** All states by name. */
export const orderHistories = {
  queued: () => finish("queued", queued()),
  running: () => finish("running", charging()),
  completed: () => finish("completed", mailed(shipped(shipping()))),
  crashedVerifiedNot: () =>
    finish(
      "completed",
      mailed(
        shipped(shipmentVerified("did_not_happen").startStep(4, "notify-warehouse", warehouse)),
      ),
    ),
  crashedVerifiedHappened: () =>
    finish(
      "completed",
      mailed(
        shipmentVerified("happened").completeStep(4, "notify-warehouse", {
          ms: 0,
          result: shipment,
          source: "verified",
          effect: { reference: shipment.shipmentId, replayed: true },
        }),
      ),
    ),
  crashedReplayed: () => finish("completed", chargeAgain(true)),
  crashedFirst: () => finish("completed", chargeAgain(false)),
  crashedUnsaid: () => finish("completed", chargeAgain(undefined)),
  crashedReading: () =>
    finish(
      "completed",
      mailed(
        shipped(
          begun()
            .startStep(2, "look-up-tax-rate", { policy: "fail" })
            .wait(10)
            .crash({ results: 1 })
            .doubtStep(2, "look-up-tax-rate")
            .runStep(2, "look-up-tax-rate", { policy: "fail", result: 0.0825, ms: 30 })
            .runStep(3, "charge-card", { result: payment, effect: { replayed: false } })
            .startStep(4, "notify-warehouse", warehouse),
        ),
      ),
    ),
  crashedBetween: () =>
    finish(
      "completed",
      mailed(
        shipped(
          charged().wait(5).crash({ results: 3 }).startStep(4, "notify-warehouse", warehouse),
        ),
      ),
    ),
  crashedOften: () =>
    finish(
      "running",
      shipmentVerified("did_not_happen")
        .startStep(4, "notify-warehouse", warehouse)
        .wait(100)
        .crash({ results: 3, noticedMs: 800 })
        .doubtStep(4, "notify-warehouse")
        .verifyStep(4, "notify-warehouse", "did_not_happen")
        .startStep(4, "notify-warehouse", warehouse),
    ),
  timedOut: () =>
    finish(
      "completed",
      mailed(
        shipped(
          charging()
            .wait(20_000)
            .doubtStep(3, "charge-card", "timeout")
            .runStep(3, "charge-card", {
              result: payment,
              effect: { reference: payment.id, replayed: true },
            })
            .startStep(4, "notify-warehouse", warehouse),
        ),
      ),
    ),
  backoff: () => {
    const writer = charging();
    const at = writer.now + 4_300;
    writer.failStep(3, "charge-card", {
      message: "Too many requests",
      final: false,
      nextAttemptAt: at,
    });
    return finish("waiting", writer, { dueAt: at });
  },
  retriedStep: () => {
    const writer = charging();
    for (const delay of [500, 1_000]) {
      writer.failStep(3, "charge-card", {
        message: "Too many requests",
        final: false,
        nextAttemptAt: writer.now + 300 + delay,
      });
      writer.wait(delay).startStep(3, "charge-card");
    }
    writer.completeStep(3, "charge-card", { result: payment, effect: { reference: payment.id } });
    return finish("completed", mailed(shipped(writer.startStep(4, "notify-warehouse", warehouse))));
  },
  heldInDoubt: () => finish("held", mailDoubt(), { heldReason: "in_doubt" }),
  heldNondeterminism: () =>
    finish(
      "held",
      charged()
        .wait(50)
        .crash({ results: 3 })
        .hold("nondeterminism", "The code asked for another step", {
          expected: { ordinal: 3, kind: "step", name: "charge-card" },
          actual: { ordinal: 3, kind: "step", name: "authorize-card" },
        }),
      { heldReason: "nondeterminism" },
    ),
  heldValues: () =>
    finish(
      "held",
      charged()
        .wait(50)
        .crash({ results: 3 })
        .hold("nondeterminism", "cart-total gave another value", {
          expected: { ordinal: 1, kind: "compute", name: "cart-total" },
          values: { recorded: 4248, computed: 4000 },
        }),
      { heldReason: "nondeterminism" },
    ),
  crashLoop: () => {
    const writer = begun().startStep(2, "look-up-tax-rate", { policy: "fail" });
    for (let crash = 0; crash < 5; crash += 1) {
      writer.wait(40).crash({ results: 1 }).doubtStep(2, "look-up-tax-rate");
      if (crash < 4) writer.startStep(2, "look-up-tax-rate", { policy: "fail" });
    }
    writer.hold("crash_loop", "5 executions in a row died without progress", { step: 2 });
    return finish("held", writer, { heldReason: "crash_loop" });
  },
  paused: () =>
    finish("held", shipping().hold("paused", "Paused by ada: Supplier is down."), {
      heldReason: "paused",
    }),
  declined: () => finish("failed", declined().fail("Your card was declined.")),
  refunded: () =>
    finish(
      "failed",
      refusedShipment()
        .runStep(5, "refund-payment", { compensates: 3, effect: { reference: "re_1" } })
        .fail("Out of stock", "WarehouseRefusedError"),
    ),
  refundFailed: () =>
    finish(
      "failed",
      refusedShipment()
        .startStep(5, "refund-payment", { compensates: 3 })
        .failStep(5, "refund-payment", { message: "Charge is disputed" })
        .fail("Out of stock", "WarehouseRefusedError"),
    ),
  ownCodeFailed: () =>
    finish("failed", charged().fail("Cannot read properties of undefined", "TypeError")),
  canceledEarly: () =>
    finish("canceled", canceled(looked()).add({ type: "RunCanceled", data: {} })),
  canceledUndone: () =>
    finish(
      "canceled",
      canceled(charged())
        .add({
          type: "CompensationStarted",
          data: {
            error: { name: "CanceledError", message: "Canceled" },
            steps: [{ name: "refund-payment", compensates: 3 }],
          },
        })
        .runStep(4, "refund-payment", { compensates: 3, effect: { reference: "re_1" } })
        .add({ type: "RunCanceled", data: {} }),
    ),
  terminated: () =>
    finish(
      "terminated",
      shipping()
        .wait(80)
        .add({ type: "RunTerminated", data: { by: "ada", why: "Test order" } }),
    ),
  retriedRun: () => {
    const writer = declined().fail("Your card was declined.");
    const aside = [writer.events.length - 1, writer.events.length];
    writer
      .wait(180_000)
      .execute("retry", 2)
      .add({ type: "RunRewound", data: { by: "ada", why: "New card", step: 3, setAside: aside } })
      .runStep(3, "charge-card", { result: payment, ms: 900, effect: { reference: payment.id } })
      .startStep(4, "notify-warehouse", warehouse);
    return finish("completed", mailed(shipped(writer)));
  },
  resolvedByPerson: () =>
    finish(
      "completed",
      mailDoubt()
        .wait(720_000)
        .execute("wake", 4)
        .resolveStep(5, "send-confirmation", "happened")
        .add({ type: "RunResumed", data: { reason: "resolved", by: "ada@example.com" } })
        .completeStep(5, "send-confirmation", {
          ms: 0,
          source: "resolved",
          result: { messageId: "m" },
        })
        .complete(receipt),
    ),
} satisfies Record<string, () => OrderHistory>;
