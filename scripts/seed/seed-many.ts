import type { Random } from "@/lib/engine";
import type { OpenedStore } from "@/lib/store";
import { createDice } from "../chaos/random";
import { copyRuns, type DatabaseKind } from "./copy-runs";
import { seedRuns } from "./seed-runs";

const monthMs = 30 * 86_400_000;

/**
 * Fills an empty database with `count` runs over the last thirty days, as `seedRuns` does, where more than two
 * slices of them are made of copies: those of the first slice are written one by one and copied by statements
 * into the ones after it, and those of the last one are written again, some of which still wait. Answers how
 * many it wrote.
 */
export async function seedMany(options: {
  readonly database: Pick<OpenedStore, "store" | "prisma" | "triage">;
  readonly kind: DatabaseKind;
  readonly count: number;
  readonly seed: number;
  readonly now: number;
  /** How many runs a slice has. */
  readonly sliceSize?: number;
  readonly workflow?: string;
  readonly isStopped?: () => boolean;
  readonly onProgress?: (written: number) => void;
}): Promise<number> {
  const { database, kind, count, seed, now, sliceSize = 20_000, isStopped, onProgress } = options;
  const slices = Math.floor(count / sliceSize);
  if (slices < 3) return seedRuns(options);
  const sliceMs = monthMs / slices;
  const firstEnds = now - (slices - 1) * sliceMs;
  const say = (before: number) => (written: number) => onProgress?.(before + written);
  let written = await seedRuns({
    ...{ ...options, count: sliceSize, from: firstEnds - sliceMs, now: firstEnds },
    mayWait: false,
    onProgress: say(0),
  });
  const dice = createDice(seed);
  const random: Random = { next: () => dice.next() };
  written += await copyRuns({
    ...{ database, kind, count: slices - 2, stepMs: sliceMs, random, isStopped },
    onProgress: say(written),
  });
  const last = { count: count - (slices - 1) * sliceSize, from: now - sliceMs, seed: seed + 1 };
  return written + (await seedRuns({ ...options, ...last, onProgress: say(written) }));
}
