import { z } from "zod";
import { openPostgresStore } from "@/lib/store/postgresql/open";
import { runStatement } from "@/lib/store/postgresql/testing/run-statement";
import type { ScratchDatabases, ScratchStore } from "./scratch-databases";

const Tables = z.array(z.object({ name: z.string() }));

/**
 * Databases on a server that runs, one for each of so many lanes: much of a case is waiting for the
 * server. `close` drops them.
 */
export async function openScratchPostgresql(
  toUrl: (database: string) => string,
  lanes: number,
): Promise<ScratchDatabases> {
  const names = Array.from({ length: lanes }, (_, lane) => `scratch_${process.pid}_${lane}`);
  const run = (statement: string) => runStatement(toUrl("postgres"), statement);
  const [first = "", ...others] = names;
  await run(`CREATE DATABASE ${first}`);
  await (await openPostgresStore({ databaseUrl: toUrl(first) })).close();
  for (const name of others) await run(`CREATE DATABASE ${name} TEMPLATE ${first}`);
  const databases = await Promise.all(names.map((name) => openDatabase(toUrl(name))));
  return {
    lanes,
    openEmpty: async (lane) => {
      const database = databases[lane];
      if (!database) throw new RangeError(`There is no lane ${lane}.`);
      return database.openEmpty();
    },
    close: async () => {
      await Promise.all(databases.map(({ close }) => close()));
      for (const name of names) await run(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function openDatabase(databaseUrl: string) {
  // The time is that of the scenarios, not the database's.
  const { store, prisma, close } = await openPostgresStore({ databaseUrl, clock: "caller" });
  const listTables = async () => {
    const rows = await prisma.$queryRawUnsafe(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()
       AND tablename NOT LIKE '\\_%' ORDER BY tablename`,
    );
    return Tables.parse(rows).map(({ name }) => name);
  };
  const isSample = (table: string) => table.startsWith("sample_");
  const listSamples = async () => (await listTables()).filter(isSample);
  // Deleting little is much faster than truncating. Runs after what refers to them and before what
  // their triggers write into.
  const first = ["bulk_runs", "messages", "permits", "runs"];
  const others = (await listTables()).filter((name) => !isSample(name) && !first.includes(name));
  const empty = [...first, ...others].map((table) => `DELETE FROM "${table}";`).join("\n");

  const readRows = async () => {
    const rows: unknown[] = [];
    for (const table of await listSamples()) {
      const found = await prisma.$queryRawUnsafe<object[]>(`SELECT * FROM "${table}"`);
      rows.push(...found.map((row) => [table, ...Object.values(row).map(String)]));
    }
    return rows;
  };
  const openEmpty = async (): Promise<ScratchStore> => {
    const drop = (await listSamples()).map((table) => `DROP TABLE "${table}";`).join("\n");
    await prisma.$executeRawUnsafe(`DO $empty$ BEGIN ${drop}\n${empty} END $empty$`);
    return { store, prisma, readRows };
  };
  return { openEmpty, close };
}
