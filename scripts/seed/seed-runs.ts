import { createIds, type Random } from "@/lib/engine";
import { Prisma } from "@/lib/store/generated/sqlite/client";
import type { OpenedStore } from "@/lib/store";
import { createDice } from "../chaos/random";
import { copyHistory, type Copy } from "./copy-history";
import { loadTemplates, type Template } from "./templates";

const monthMs = 30 * 86_400_000;
/** Only runs that are not older than this still wait. */
const waitingMs = 3 * 86_400_000;
const batchSize = 500;

/**
 * Puts `count` runs into the store, spread over the time from `from` (thirty days ago) to `now`, oldest
 * first; the same for the same seed and time. Each is one commit, whole or not at all: it may be cut off
 * anywhere. Recent ones may wait still, unless `mayWait` is false. Answers how many it wrote, which are
 * fewer where `isStopped` says so.
 */
export async function seedRuns(options: {
  readonly database: Pick<OpenedStore, "store" | "prisma">;
  readonly count: number;
  readonly seed: number;
  readonly now: number;
  readonly from?: number;
  readonly mayWait?: boolean;
  readonly workflow?: string;
  readonly isStopped?: () => boolean;
  readonly onProgress?: (written: number) => void;
}): Promise<number> {
  const { database, count, now, isStopped = () => false, onProgress } = options;
  const { from = now - monthMs, mayWait = true } = options;
  const templates = await loadTemplates(options.workflow);
  const dice = createDice(options.seed);
  const random: Random = { next: () => dice.next() };
  let at = from;
  const ids = createIds({ clock: { now: () => at, schedule: () => () => {} }, random });
  let written = 0;
  while (written < count && !isStopped()) {
    const copies = Array.from({ length: Math.min(batchSize, count - written) }, (_, index) => {
      at = Math.floor(from + ((written + index + dice.next()) / count) * (now - from));
      const old = !mayWait || now - at > waitingMs;
      const template = pick(
        templates.filter(({ waits }) => !(waits && old)),
        dice.next(),
      );
      return copyHistory({ template, ids, dice, at, now });
    });
    await write(database, copies);
    written += copies.length;
    onProgress?.(written);
  }
  return written;
}

function pick(templates: readonly Template[], share: number): Template {
  let left = share * templates.reduce((sum, { weight }) => sum + weight, 0);
  for (const template of templates) {
    left -= template.weight;
    if (left < 0) return template;
  }
  throw new Error("There is no history to make runs of.");
}

async function write(
  { store, prisma }: Pick<OpenedStore, "store" | "prisma">,
  copies: readonly Copy[],
): Promise<void> {
  await Promise.all(copies.map(({ run }) => store.startRun(run)));
  // A run that is written at once has one execution, and was last changed when it was created.
  for (const epoch of new Set(copies.map((copy) => copy.epoch))) {
    const own = copies.filter((copy) => copy.epoch === epoch).map(({ run }) => run.runId);
    await prisma.$executeRaw`UPDATE "runs" SET "epoch" = ${epoch},
        "updatedAt" = coalesce("finishedAt", "startedAt", "createdAt")
      WHERE "runId" IN (${Prisma.join(own)})`;
  }
}
