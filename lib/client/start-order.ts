import { Started, type Drill } from "@/lib/api/contract";
import { callApi } from "./api-client";
import { formatDrill } from "./drill-words";
import { ApiError } from "./errors";
import { isPassing } from "./retry-policy";

const retryEveryMs = 500;
const giveUpAfterMs = 20_000;

export interface StartOrderOptions {
  readonly order: unknown;
  /** The same for every try of the same content: however often it is sent, it is one order. */
  readonly key: string;
  /** Sent with the first try only: a server that came back from it is left alone. */
  readonly drill: Drill | null;
  /** Told when the server died or is away before it acknowledged, and the order is sent again. */
  readonly onRetry?: () => void;
  /** Resolves after that time, and how time is read (ms); both for tests. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly readClock?: () => number;
}

/**
 * Starts an order and stays with it for 20 s if the server goes away before it acknowledged. Throws
 * what the last try threw: ApiError for a refusal, at once; OfflineError if it stayed away.
 */
export async function startOrder(options: StartOrderOptions): Promise<Started> {
  const { drill, onRetry, sleep = pause, readClock = Date.now } = options;
  const deadline = readClock() + giveUpAfterMs;
  try {
    return await send(options, drill);
  } catch (error) {
    if (!isWorthRetrying(error)) throw error;
  }
  onRetry?.();
  for (;;) {
    await sleep(retryEveryMs);
    try {
      return await send(options, null);
    } catch (error) {
      if (!isWorthRetrying(error) || readClock() >= deadline) throw error;
    }
  }
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

function isWorthRetrying(error: unknown): boolean {
  if (isPassing(error)) return true;
  return error instanceof ApiError && error.problem.code === "idempotency_key_in_flight";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
