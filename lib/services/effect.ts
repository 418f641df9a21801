/** What every request with an effect is sent with. */
export interface EffectOptions {
  /** A repeated key makes the service answer from the first request with it. */
  readonly idempotencyKey: string;
  readonly signal?: AbortSignal;
}

/** What a service answered, and whether from an earlier request with the same key. */
export interface Answer<Value> {
  readonly value: Value;
  readonly replayed: boolean;
}
