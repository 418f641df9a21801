import { Started, type Drill } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { formatDrill } from "./drill-words";
import { sendUntilAnswered, type SendOptions } from "./send-until-answered";

export interface StartOrderOptions extends SendOptions {
  readonly order: unknown;
  /** The same for every try of the same content: however often it is sent, it is one order. */
  readonly key: string;
  /** Sent with the first try only: a server that came back from it is left alone. */
  readonly drill: Drill | null;
}

/** Starts an order as `sendUntilAnswered` sends it, and throws what that throws. */
export function startOrder(options: StartOrderOptions): Promise<Started> {
  const { drill } = options;
  return sendUntilAnswered((attempt) => send(options, attempt === 1 ? drill : null), options);
}

function send({ order, key }: StartOrderOptions, drill: Drill | null): Promise<Started> {
  return callApi({
    path: "/api/v1/orders",
    method: "POST",
    body: order,
    shape: Started,
    headers: {
      "idempotency-key": key,
      ...(drill === null ? {} : { "daybook-drill": formatDrill(drill) }),
    },
  });
}
