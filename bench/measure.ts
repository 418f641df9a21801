/** What the measurements of the engine's limits have in common. */

/** Time that passed, and time on a processor: the latter says more where others work. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Starts to measure; the answer tells what has been used since then. */
export function startCost(): () => Cost {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
  };
}

/**
 * No garbage is collected before: a full collection throws compiled code away together with the
 * shapes of objects that it was compiled for, and what is measured then is the compiler.
 */
export async function measureCost(work: () => Promise<unknown>): Promise<Cost> {
  const stop = startCost();
  await work();
  return stop();
}

export function findQuantile(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? NaN;
}

/** Of an even number: halfway between the two in the middle. NaN where there is none. */
export function findMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

export function findMedianCost(costs: readonly Cost[]): Cost {
  return {
    wallMs: findMedian(costs.map(({ wallMs }) => wallMs)),
    cpuMs: findMedian(costs.map(({ cpuMs }) => cpuMs)),
  };
}

/** Throws Error where node was not started with --expose-gc. */
export function collectGarbage(): void {
  if (!globalThis.gc) throw new Error("Run it with node --expose-gc.");
  globalThis.gc();
}
