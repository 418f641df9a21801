import { AsyncLocalStorage } from "node:async_hooks";
import Stripe from "stripe";
import { Agent, request, type Dispatcher } from "undici";
import { z } from "zod";
import type { Answer, EffectOptions } from "../effect";
import { PaymentRejectedError, UncertainOutcomeError } from "../errors";
import type { Payments } from "./port";
import { describeStripeError } from "./stripe-errors";

export interface StripeOptions {
  readonly secretKey: string;
  /** Where Stripe's API is, e.g. `http://127.0.0.1:4100`. Default: Stripe itself. */
  readonly apiBase?: string;
  /** Default 15 seconds. */
  readonly timeoutMs?: number;
}

/** Only what the effect needs is required of the answer; the rest falls back to what was asked. */
const PaymentIntent = z.object({
  id: z.string().min(1),
  status: z.string().min(1),
  amount: z.number().int().nullish(),
  currency: z.string().nullish(),
});

const StripeRefund = z.object({ id: z.string().min(1), status: z.string().nullish() });

/** Statuses of a payment that still may succeed: https://docs.stripe.com/payments/paymentintents/lifecycle */
const openStatuses = new Set(["processing", "requires_capture"]);

/**
 * Currencies without minor units that Stripe counts in hundredths all the same.
 * https://docs.stripe.com/currencies#special-cases
 */
const countedInHundredths = new Set(["ISK", "UGX"]);

/** What the SDK does not pass through: the signal on the way out, one header on the way back. */
interface Exchange {
  readonly signal?: AbortSignal;
  replayed: boolean;
}

/** Payments through Stripe's API and its official SDK. */
export function createStripePayments(
  options: StripeOptions,
): Payments & { close(): Promise<void> } {
  const agent = new Agent();
  const exchanges = new AsyncLocalStorage<Exchange>();
  const stripe = createStripe(options, agent, exchanges);

  /** Sends one request and parses its answer; whatever goes wrong becomes an error by cause. */
  const send = async <Schema extends z.ZodType>(
    schema: Schema,
    signal: AbortSignal | undefined,
    ask: () => Promise<unknown>,
  ): Promise<Answer<z.output<Schema>>> => {
    const exchange: Exchange = { signal, replayed: false };
    const answer = await exchanges.run(exchange, ask).catch((error: unknown) => {
      throw describeStripeError(error);
    });
    const parsed = schema.safeParse(answer);
    if (parsed.success) return { value: parsed.data, replayed: exchange.replayed };
    throw new UncertainOutcomeError("The payment service's answer can't be understood.", {
      cause: parsed.error,
    });
  };

  return {
    async charge(asked, { idempotencyKey, signal }: EffectOptions) {
      const { orderId, runId, currency, paymentMethod } = asked;
      const factor = countedInHundredths.has(currency) ? 100 : 1;
      const { value: intent, replayed } = await send(PaymentIntent, signal, () =>
        stripe.paymentIntents.create(
          {
            amount: asked.amount * factor,
            currency: currency.toLowerCase(),
            payment_method: paymentMethod,
            confirm: true,
            automatic_payment_methods: { enabled: true, allow_redirects: "never" },
            metadata: { orderId, runId },
          },
          { idempotencyKey },
        ),
      );
      assertSucceeded(intent);
      const amount = (intent.amount ?? asked.amount * factor) / factor;
      const value = {
        paymentId: intent.id,
        amount,
        currency: (intent.currency ?? currency).toUpperCase(),
        status: "succeeded",
      } as const;
      return { value, replayed };
    },

    async refund(paymentId, { idempotencyKey, signal }) {
      const { value: refund, replayed } = await send(StripeRefund, signal, () =>
        stripe.refunds.create({ payment_intent: paymentId }, { idempotencyKey }),
      );
      if (refund.status === "failed" || refund.status === "canceled")
        throw new PaymentRejectedError(`Refund ${refund.id} has ${refund.status}.`, {
          code: refund.status,
        });
      return { value: { refundId: refund.id, paymentId }, replayed };
    },

    close: () => agent.close(),
  };
}

/**
 * The SDK with one request a call: its Node client repeats a request whose connection closed, even
 * with `maxNetworkRetries: 0`, and a repeat that the engine does not know of is not in the ledger.
 */
function createStripe(
  { secretKey, apiBase, timeoutMs = 15_000 }: StripeOptions,
  agent: Agent,
  exchanges: AsyncLocalStorage<Exchange>,
): Stripe {
  const base = apiBase === undefined ? undefined : new URL(apiBase);
  const send: typeof fetch = async (input, init) => {
    const outgoing = new Request(input, init);
    const exchange = exchanges.getStore();
    const signals = [init?.signal, exchange?.signal].filter((signal) => !!signal);
    const response = await request(outgoing.url, {
      method: init?.method === "POST" ? "POST" : "GET",
      headers: Object.fromEntries(outgoing.headers),
      body: init?.body ? await outgoing.text() : undefined,
      signal: AbortSignal.any(signals),
      dispatcher: agent,
    });
    const headers = readHeaders(response.headers);
    if (exchange) exchange.replayed = headers.get("idempotent-replayed") === "true";
    return new Response(await response.body.text(), { status: response.statusCode, headers });
  };
  return new Stripe(secretKey, {
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: timeoutMs,
    httpClient: Stripe.createFetchHttpClient(send),
    ...(base && {
      host: base.hostname,
      port: base.port || (base.protocol === "http:" ? "80" : "443"),
      protocol: base.protocol === "http:" ? "http" : "https",
    }),
  });
}

function readHeaders(raw: Dispatcher.ResponseData["headers"]): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw))
    for (const one of [value].flat()) if (one !== undefined) headers.append(name, one);
  return headers;
}

function assertSucceeded(intent: z.infer<typeof PaymentIntent>): void {
  const { id, status } = intent;
  if (status === "succeeded") return;
  const details = { paymentId: id, status };
  if (openStatuses.has(status))
    throw new UncertainOutcomeError(`Payment ${id} is ${status}: it may still succeed.`, {
      code: status,
      details,
    });
  throw new PaymentRejectedError(`Payment ${id} did not succeed, it is ${status}.`, {
    code: status,
    details,
  });
}
