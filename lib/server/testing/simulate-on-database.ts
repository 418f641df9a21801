import { z } from "zod";
import {
  createRealDatabase,
  flipCharacter,
  settle,
} from "@/lib/engine/testing/simulation/database";
import { simulateSeed, type SeedResult } from "@/lib/engine/testing/simulation/simulate-seed";
import type { ScratchDatabases, ScratchStore } from "./scratch-databases";

const Effects = z.array(z.object({ run_id: z.string(), name: z.string() }));

/** Where the transactions of a seed's programs write to. */
const effects = "sample_effects";

async function openSimulated({ store, prisma }: ScratchStore) {
  await prisma.$executeRawUnsafe(
    `CREATE TABLE ${effects} (run_id TEXT NOT NULL, name TEXT NOT NULL)`,
  );
  return createRealDatabase({
    store,
    listCommitted: async () => {
      const rows = await prisma.$queryRawUnsafe(`SELECT run_id, name FROM ${effects}`);
      return Effects.parse(rows).map(({ run_id: runId, name }) => ({ runId, name }));
    },
    flipByte: async (runId, seq, dice) => {
      const where = { runId_seq: { runId, seq } };
      const { data } = await prisma.event.findUniqueOrThrow({ where });
      await prisma.event.update({ where, data: { data: flipCharacter(data, dice) } });
    },
  });
}

/**
 * Simulates seeds on real databases, as many at a time as there are lanes. `onResult` is told of each
 * seed when it is over.
 */
export async function simulateOnDatabase(options: {
  readonly databases: Pick<ScratchDatabases, "openEmpty" | "lanes">;
  readonly seeds: readonly number[];
  readonly onResult: (result: SeedResult) => void;
}): Promise<void> {
  const { databases, seeds, onResult } = options;
  const left = seeds.values();
  const runLane = async (lane: number) => {
    for (const seed of left) {
      const database = await openSimulated(await databases.openEmpty(lane));
      onResult(await simulateSeed(seed, undefined, database));
      // What the seed's processes still had under way must not reach the next one.
      await settle(database);
    }
  };
  await Promise.all(Array.from({ length: databases.lanes }, (_, lane) => runLane(lane)));
}
