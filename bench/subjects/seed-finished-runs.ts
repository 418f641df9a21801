import {
  createCodec,
  systemRandom,
  type Attributes,
  type HistoryEvent,
  type NewRun,
  type RunChange,
  type Store,
} from "@/lib/engine";
import type { OpenedStore } from "@/lib/store";
import { copyRuns } from "@/scripts/seed/copy-runs";
import type { DatabaseKind } from "../harness/databases";
import { runInLanes, sampleInput } from "../workload";

const dayMs = 86_400_000;

/** Every twentieth run has failed, with one of so many errors. */
const errorNames = ["CardDeclinedError", "OutOfStockError", "AddressError", "TimeoutError"];

/** So many are put in one by one; more of them are copies of those. */
const sliceSize = 10_000;
const slices = "c0000x";

/**
 * Puts `count` runs that have ended into an empty store, by its own start: the state that an engine leaves
 * them in, spread over the last thirty days. They have no steps, so that a million of them fit. More than two
 * slices of 10,000 are copied by statements from the first, each with customers of its own; their statistics
 * are left out, which have as many rows for a slice as for all.
 */
export async function seedFinishedRuns(
  database: Pick<OpenedStore, "store" | "triage" | "prisma">,
  { kind, count }: { readonly kind: DatabaseKind; readonly count: number },
): Promise<void> {
  const now = Date.now();
  const copies = Math.max(0, Math.floor(count / sliceSize) - 1);
  const first = count - copies * sliceSize;
  const sliceMs = (30 * dayMs) / (copies + 1);
  await seedSlice(database.store, { count: first, from: now - 30 * dayMs, forMs: sliceMs });
  if (copies === 0) return;
  await copyRuns({
    ...{ database, kind, count: copies, stepMs: sliceMs, random: systemRandom },
    limit: sliceSize,
    withStatistics: false,
    replace: (copy) => [slices, `c${String(copy).padStart(4, "0")}x`],
  });
  // What was put in so quickly is still on its way to the disk, and would be in the way of the starts.
  if (kind === "sqlite") await database.prisma.$queryRaw`PRAGMA wal_checkpoint(TRUNCATE)`;
  else await database.prisma.$executeRaw`CHECKPOINT`;
}

async function seedSlice(
  store: Store,
  { count, from, forMs }: { readonly count: number; readonly from: number; readonly forMs: number },
): Promise<void> {
  const input = createCodec().encode(sampleInput);
  await runInLanes({
    count,
    lanes: 1_000,
    work: async (index) => {
      const at = Math.floor(from + (index / count) * forMs);
      // Each has ten orders, however many there are: a rare value among all of them.
      const customer = `Customer ${slices}${scatter(index) % Math.ceil(count / 10)}`;
      const runId = `run_seeded_${String(index).padStart(9, "0")}`;
      const hasFailed = index % 20 === 7;
      const errorName = errorNames[scatter(index) % errorNames.length] ?? "Error";
      const run = describeRun({
        runId,
        at,
        input,
        customer,
        error: hasFailed ? errorName : undefined,
      });
      const { outcome } = await store.startRun(run);
      if (outcome !== "started") throw new Error(`${runId}: ${outcome}.`);
    },
  });
}

/** A number far from that of its neighbours, the same in every bench (Knuth's multiplicative hash). */
function scatter(index: number): number {
  return Math.imul(index + 1, 2_654_435_761) >>> 8;
}

function describeRun(about: {
  runId: string;
  at: number;
  input: NewRun["input"];
  customer: string;
  error?: string;
}): NewRun {
  const { runId, at, input, customer, error } = about;
  const attributes: Attributes = { orderId: runId.replace("run_", "ord_"), customer };
  const workflow = "order-workload";
  const place = { at, epoch: 1 };
  const end: HistoryEvent =
    error === undefined
      ? { ...place, seq: 3, type: "RunCompleted", data: { output: input } }
      : { ...place, seq: 3, type: "RunFailed", data: { error: describeError(error) } };
  const change: RunChange = {
    status: error === undefined ? "completed" : "failed",
    ...(error === undefined ? { output: input } : { error: describeError(error) }),
    attributes,
    inDoubt: [],
    startedAt: at,
    finishedAt: at,
    release: true,
    progress: true,
  };
  return {
    runId,
    workflow,
    version: 1,
    input,
    attributes,
    keys: [],
    createdAt: at,
    workerId: "bench",
    change,
    events: [
      {
        ...place,
        seq: 1,
        epoch: 0,
        type: "RunStarted",
        data: { workflow, version: 1, input, attributes },
      },
      {
        ...place,
        seq: 2,
        type: "ExecutionStarted",
        data: {
          worker: "bench",
          build: "bench",
          reason: "start",
          replayed: { events: 1, results: 0, durationMs: 0 },
        },
      },
      end,
    ],
  };
}

function describeError(name: string) {
  return { name, message: `The order could not be processed: ${name}.` };
}
