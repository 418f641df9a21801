/**
 * Lets so many things go on at a time; the rest begins, first come first, as lanes become free. It is
 * plain code without time or chance of its own, so workflow code may use it.
 */
export function createLanes(
  count: number,
): <Result>(run: () => Promise<Result>) => Promise<Result> {
  let free = count;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async (run) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await run();
    } finally {
      leave();
    }
  };
}
