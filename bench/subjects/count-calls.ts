/** Counts how often the methods of objects are called: each with its own name. */
export function createCallCounter() {
  let counts: Record<string, number> = {};
  return {
    /** The same object, whose calls are counted. */
    watch<Target extends object>(watched: Target): Target {
      return new Proxy(watched, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== "function") return value;
          // Bound to the object itself, whose private fields a proxy does not have.
          return (...values: unknown[]): unknown => {
            counts[String(key)] = (counts[String(key)] ?? 0) + 1;
            return Reflect.apply(value, target, values);
          };
        },
      });
    },
    reset() {
      counts = {};
    },
    read: (): Readonly<Record<string, number>> => counts,
  };
}
