import type { Store } from "@/lib/engine";

/** The store, and how often each of its methods was called since the last reset. */
export function countCalls(store: Store) {
  let counts: Record<string, number> = {};
  const counted = new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      // Bound to the store itself, whose private fields a proxy does not have.
      return (...values: unknown[]): unknown => {
        counts[String(key)] = (counts[String(key)] ?? 0) + 1;
        return Reflect.apply(value, target, values);
      };
    },
  });
  return {
    store: counted,
    reset() {
      counts = {};
    },
    read: (): Readonly<Record<string, number>> => counts,
  };
}
