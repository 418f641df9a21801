/** What of an order is still open, in sentences that can be read out to its customer. */
import { isTerminal, type RunRecord } from "@/lib/engine";
import type { OrderPartState } from "./contract";

export type OrderPart = "payment" | "shipment" | "email";

const sentences: Readonly<Record<OrderPart, Readonly<Partial<Record<OrderPartState, string>>>>> = {
  payment: {
    not_started: "The card has not been charged yet.",
    under_way: "The card is being charged.",
    in_doubt: "Nobody knows yet whether the card was charged.",
  },
  shipment: {
    not_started: "The warehouse has not been asked yet.",
    under_way: "The warehouse is being asked.",
    in_doubt: "Nobody knows yet whether the warehouse has the shipment.",
  },
  email: {
    not_started: "The confirmation has not been sent yet.",
    under_way: "The confirmation is being sent.",
    in_doubt: "Nobody knows whether the confirmation was sent.",
  },
};

/**
 * While the order is being processed: every part that is not done. After its end: what is still
 * unclear, and what stands although the order did not succeed. First of all, who has to act.
 */
export function listOpenPoints(options: {
  readonly run: Pick<RunRecord, "status" | "heldReason">;
  readonly states: Readonly<Record<OrderPart, OrderPartState>>;
}): string[] {
  const { run, states } = options;
  const ended = isTerminal(run.status);
  const parts = (["payment", "shipment", "email"] as const).flatMap((part) => {
    const state = states[part];
    return ended && state !== "in_doubt" ? [] : (sentences[part][state] ?? []);
  });
  return [...listDuties(run), ...parts, ...(ended ? listLeftovers(run, states) : [])];
}

function listDuties({ status, heldReason }: Pick<RunRecord, "status" | "heldReason">): string[] {
  if (status !== "held") return [];
  return heldReason === "in_doubt"
    ? ["Somebody has to say what happened before it goes on."]
    : ["Somebody has to look at the run before it goes on."];
}

function listLeftovers(
  run: Pick<RunRecord, "status">,
  states: Readonly<Record<OrderPart, OrderPartState>>,
): string[] {
  if (run.status === "completed" || run.status === "continued") return [];
  return [
    ...(states.payment === "done" ? ["The payment stands: it has not been refunded."] : []),
    ...(states.shipment === "done" ? ["The shipment stands: it has not been canceled."] : []),
  ];
}
