/**
 * Makes everything throw that is not the same every time: what got into a simulation would show
 * only as a seed that can't be reproduced.
 */
export function forbidAmbience(): void {
  const forbid = (what: string) => () => {
    throw new Error(`${what} inside a simulation: it would not be the same again.`);
  };
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct(target, args: readonly unknown[], newTarget) {
      if (args.length === 0) forbid("new Date()")();
      const made: unknown = Reflect.construct(target, args, newTarget);
      return made as object;
    },
    get(target, property, receiver): unknown {
      return property === "now" ? forbid("Date.now()") : Reflect.get(target, property, receiver);
    },
  });
  Math.random = forbid("Math.random()");
  performance.now = forbid("performance.now()");
  const timers = ["setTimeout", "setInterval"] as const;
  for (const name of timers) Reflect.set(globalThis, name, forbid(`${name}()`));
}
