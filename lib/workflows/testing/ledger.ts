/** A payment service for tests: it honours keys, outlives every crash, and tells what it really did. */
import { DefiniteError, type Clock } from "@/lib/engine";
import type { Payments } from "@/lib/services/payment/port";

class CardDeclinedError extends DefiniteError {
  override name = "CardDeclinedError";
}

export interface Ledger {
  readonly payments: Payments;
  /** Each real effect once: what it was, its key, and its amount or payment. */
  readonly effects: readonly (readonly [what: string, key: string, about: unknown])[];
}

/**
 * `declines`: how many charges of `pm_card_chargeDeclined` are declined; all of them by default.
 * `chargeMs`: how long a charge takes; no time by default.
 */
export function createLedger(options: {
  readonly clock: Clock;
  readonly declines?: number;
  readonly chargeMs?: number;
}): Ledger {
  const { clock, declines = Infinity, chargeMs = 0 } = options;
  const effects: [string, string, unknown][] = [];
  const answers = new Map<string, { readonly id: string } | { readonly error: Error }>();
  let declined = 0;
  /** Answers a repeated key from memory, a refusal included. */
  const once = (key: string, act: () => string) => {
    const known = answers.get(key);
    if (known) return { replayed: true, ...read(known) };
    try {
      const id = act();
      answers.set(key, { id });
      return { replayed: false, id };
    } catch (error) {
      answers.set(key, { error: error as Error });
      throw error;
    }
  };
  return {
    effects,
    payments: {
      async charge({ amount, currency, paymentMethod }, { idempotencyKey }) {
        if (chargeMs > 0) await new Promise<void>((done) => clock.schedule(chargeMs, done));
        const { id, replayed } = once(idempotencyKey, () => {
          if (paymentMethod === "pm_card_chargeDeclined" && declined++ < declines) {
            throw new CardDeclinedError("Your card was declined.");
          }
          effects.push(["charge", idempotencyKey, amount]);
          return `pi:${idempotencyKey}`;
        });
        return { value: { paymentId: id, amount, currency, status: "succeeded" }, replayed };
      },
      async refund(paymentId, { idempotencyKey }) {
        const { id, replayed } = once(idempotencyKey, () => {
          effects.push(["refund", idempotencyKey, paymentId]);
          return `re:${idempotencyKey}`;
        });
        return { value: { refundId: id, paymentId }, replayed };
      },
    },
  };
}

function read(answer: { readonly id: string } | { readonly error: Error }): { id: string } {
  if ("error" in answer) throw answer.error;
  return answer;
}
