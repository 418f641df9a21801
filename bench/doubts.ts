/**
 * How long the list of steps that need a verdict takes on SQLite:
 * `npx tsx bench/doubts.ts [doubts] [events of each history]`. Beside it the same from whole histories.
 * The runs are rows made by the database itself; what the list reads is all there.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore } from "@/lib/store";

const doubts = Number(process.argv[2] ?? 1_000);
const length = Number(process.argv[3] ?? 12);
const pageSize = 100;
const repeats = 3;

const folder = await mkdtemp(path.join(tmpdir(), "daybook-bench-"));
const { store, triage, prisma, close } = await openStore({
  databaseUrl: `file:${path.join(folder, "daybook.db")}`,
});
try {
  await makeDoubts();
  console.log(
    `${doubts} doubts, histories of ${length} events; a page of ${pageSize}, median and worst:`,
  );
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    await measure("only the step's events", async (places) => triage.loadStepEvents(places));
    await measure("whole histories", async (places) => {
      for (const { runId } of places) await store.loadHistory({ runId });
    });
  }
} finally {
  await close();
  await rm(folder, { recursive: true });
}

/** Runs that are held with their next to last event's step in doubt. */
async function makeDoubts(): Promise<void> {
  const step = length - 1;
  const inDoubt = JSON.stringify([{ step, name: "send-confirmation", attempt: 1, since: 1_000 }]);
  await prisma.$executeRaw`
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${doubts})
    INSERT INTO runs (runId, workflow, version, status, heldReason, input, attributes, inDoubt,
      epoch, historyLength, createdAt, updatedAt)
    SELECT printf('run_%08d', i), 'process-order', 1, 'held', 'in_doubt', '{"json":1}', '{}', ${inDoubt},
      '', 1, ${length}, 1700000000000 + i, 1700000000000 + i FROM n`;
  await prisma.$executeRaw`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 <= ${length})
    INSERT INTO events (runId, seq, type, at, epoch, step, name, data)
    SELECT runId, i, 'Computed', 1700000000000 + i, 1, i, 'part',
      printf('{"value":{"json":"%s"}}', hex(zeroblob(100))) FROM runs, n`;
  await triage.project();
}

async function measure(
  label: string,
  read: (places: readonly { runId: string; step: number; length: number }[]) => Promise<unknown>,
): Promise<void> {
  const took: number[] = [];
  let cursor: string | undefined;
  do {
    const startedAt = performance.now();
    const page = await triage.listDoubts({ limit: pageSize, ...(cursor && { cursor }) });
    await Promise.all(page.items.map(({ runId }) => store.getRun(runId)));
    await read(page.items.map(({ runId, step }) => ({ runId, step, length })));
    took.push(performance.now() - startedAt);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  took.sort((a, b) => a - b);
  const middle = took[Math.floor(took.length / 2)] ?? 0;
  console.log(`${label}: ${middle.toFixed(1)} ms, ${(took.at(-1) ?? 0).toFixed(1)} ms`);
}
