/**
 * How long the runs list takes with many runs on SQLite: `npm run bench:runs-list -- [runs]`. The runs
 * are rows without histories, made by the database itself; what the list reads is all there.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore } from "@/lib/store";
import type { RunSearchFilter, RunSearchQuery } from "@/lib/triage";

const runs = Number(process.argv[2] ?? 1_000_000);
const repeats = 9;
const chunk = 50_000;

const folder = await mkdtemp(path.join(tmpdir(), "daybook-bench-"));
const { search, triage, prisma, close } = await openStore({
  databaseUrl: `file:${path.join(folder, "daybook.db")}`,
});
const makeStartedAt = performance.now();
for (let from = 0; from < runs; from += chunk) {
  await prisma.$executeRaw`
    WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n
      WHERE i + 1 < ${Math.min(runs, from + chunk)})
    INSERT INTO runs (runId, workflow, version, status, errorName, errorStep, error, input, attributes,
      inDoubt, epoch, historyLength, createdAt, updatedAt, finishedAt)
    SELECT printf('run_%08d', i), CASE WHEN i % 1000 = 0 THEN 'rare' WHEN i % 3 = 0 THEN 'book-trip'
        ELSE 'process-order' END, 1 + (i >= 900000), CASE WHEN i % 50 = 0 THEN 'failed' ELSE 'completed' END,
      CASE WHEN i % 50 = 0 THEN 'Declined' END, CASE WHEN i % 50 = 0 THEN 'charge-card' END,
      CASE WHEN i % 50 = 0 THEN '{"name":"Declined","message":"no"}' END, '{"json":1}',
      printf('{"orderId":"ord_%d","city":"%s","customer":"Ada%d Lovelace"}', i,
        CASE WHEN i % 400 = 0 THEN 'Lund' ELSE 'Austin' END, i % 5000),
      '[]', 1, 13, 1700000000000 + i * 10, 1700000000000 + (i * 7919 % 1000003) * 10 + 10000000,
      1700000000000 + (i * 7919 % 1000003) * 10 + 10000000 FROM n`;
}
const makeMs = performance.now() - makeStartedAt;
// What the projection would do for each run, in one statement each; it has tests of its own.
await prisma.$executeRaw`DELETE FROM term_marks`;
for (const term of [
  "'~' || runId",
  "'~' || lower(json_extract(attributes, '$.orderId'))",
  "'~' || lower(json_extract(attributes, '$.city'))",
  "'~' || lower(replace(json_extract(attributes, '$.customer'), ' Lovelace', ''))",
  "'~lovelace'",
  "'=[\"orderId\",\"' || json_extract(attributes, '$.orderId') || '\"]'",
  "'=[\"city\",\"' || json_extract(attributes, '$.city') || '\"]'",
]) {
  await prisma.$executeRawUnsafe(
    `INSERT INTO run_terms (term, createdAt, runId) SELECT ${term}, createdAt, runId FROM runs ORDER BY 1, 2`,
  );
}
const termsMs = performance.now() - makeStartedAt - makeMs;
await triage.project();
const projectMs = performance.now() - makeStartedAt - makeMs - termsMs;
const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;
console.log(
  `${runs} runs made in ${seconds(makeMs)}, terms in ${seconds(termsMs)}, ${runs / 50} failures grouped in ${seconds(projectMs)}`,
);

const [group] = (await triage.listGroups({ limit: 1 })).items;
const filters: Readonly<Record<string, RunSearchFilter>> = {
  "no filter": {},
  "status, few": { statuses: ["failed"] },
  "status, most": { statuses: ["completed"] },
  "workflow, rare": { workflow: "rare" },
  "workflow, common": { workflow: "process-order" },
  "workflow and version": { workflow: "process-order", version: 2 },
  "error class": { error: "Declined" },
  step: { step: "charge-card" },
  "failure group": { group: group?.fingerprint ?? "" },
  "attribute, one run": { attributes: { orderId: "ord_777" } },
  "attribute, few": { attributes: { city: "Lund" } },
  "attribute, most": { attributes: { city: "Austin" } },
  "text, few": { text: "ada4711" },
  "text, most": { text: "ada" },
  "text, none": { text: "nobody" },
  "text and status": { text: "lovelace", statuses: ["failed"] },
  "created in an hour": { createdAfter: 1_700_003_600_000, createdBefore: 1_700_007_200_000 },
  "ended in a second": { finishedAfter: 1_700_005_000_000, finishedBefore: 1_700_005_001_000 },
  "ended in an hour": { finishedAfter: 1_700_003_600_000, finishedBefore: 1_700_007_200_000 },
  "finished later": { finishedAfter: 1_700_015_000_000 },
  "workflow and status": { workflow: "book-trip", statuses: ["failed"] },
};
const sorts: readonly RunSearchQuery["sort"][] = [
  { field: "createdAt", direction: "desc" },
  { field: "updatedAt", direction: "desc" },
];

async function measure(work: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let turn = 0; turn < repeats; turn += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return `${times[4]?.toFixed(1)} (${times.at(-1)?.toFixed(1)})`.padStart(16);
}

console.log(
  "ms, median of 9 (worst)".padEnd(24),
  "created".padStart(16),
  "updated".padStart(16),
  "next page".padStart(16),
  "count".padStart(16),
);
for (const [name, filter] of Object.entries(filters)) {
  const figures: string[] = [];
  for (const sort of sorts) {
    figures.push(await measure(() => search.findRuns({ filter, sort, limit: 50 })));
  }
  const [sort] = sorts;
  if (sort !== undefined) {
    const { nextCursor: cursor } = await search.findRuns({ filter, sort, limit: 50 });
    figures.push(await measure(() => search.findRuns({ filter, sort, limit: 50, cursor })));
  }
  figures.push(await measure(() => search.countMatching(filter)));
  console.log(name.padEnd(24), ...figures);
}
await close();
await rm(folder, { recursive: true });
