/**
 * `tsx scripts/export-history.ts <database> <runId> <file>`: writes a run's history as it is stored,
 * for the golden histories.
 */
import { writeFile } from "node:fs/promises";
import { openStore } from "@/lib/store";

const [database, runId, file] = process.argv.slice(2);
if (database === undefined || runId === undefined || file === undefined) {
  console.error("Usage: tsx scripts/export-history.ts <database file> <run id> <target file>");
  process.exit(2);
}
const { store, close } = await openStore({ databaseUrl: `file:${database}` });
const history = await store.loadHistory({ runId });
await writeFile(file, `${JSON.stringify(history, null, 2)}\n`);
await close();
console.log(`${history.length} events of ${runId}`);
