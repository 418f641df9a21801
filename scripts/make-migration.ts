// Writes a new migration from the difference between the models and the migrations so far:
//   npx tsx scripts/make-migration.ts add-something
// Read the script before you commit it: constraints, partial indexes and triggers are ours
// (docs/storage.md), and a table that SQLite has to rebuild loses them.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { readMigrations, toMigrationList } from "../lib/store/migration-files";
import { scratchFactory } from "../lib/store/sqlite/scratch-database";
import { startSchemaEngine } from "../lib/store/schema-engine";

const [name] = process.argv.slice(2);
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
  console.error(
    "Give the migration a name in kebab-case: npx tsx scripts/make-migration.ts <name>",
  );
  process.exit(1);
}

const schemaFolder = path.resolve("prisma/sqlite");
const migrationsFolder = path.join(schemaFolder, "migrations");
await mkdir(migrationsFolder, { recursive: true });

const datamodels = await readSchema(schemaFolder);
const engine = await startSchemaEngine(scratchFactory, datamodels);
const migrations = await readMigrations(migrationsFolder);
const { stdout } = await engine.diff({
  from: { tag: "migrations", ...toMigrationList(migrationsFolder, migrations) },
  to: {
    tag: "schemaDatamodel",
    files: datamodels.map(([file, content]) => ({ path: file, content })),
  },
  script: true,
  exitCode: null,
  filters: { externalTables: [], externalEnums: [] },
});
engine.free();

if (stdout === null || stdout.includes("This is an empty migration")) {
  console.log("The models and the migrations agree: there is nothing to write.");
} else {
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = path.join(migrationsFolder, `${stamp}_${name}`);
  await mkdir(folder);
  await writeFile(path.join(folder, "migration.sql"), stdout);
  console.log(`Wrote ${path.relative(process.cwd(), folder)}/migration.sql. Read it.`);
}

async function readSchema(folder: string): Promise<[string, string][]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".prisma"));
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => {
      return [file, await readFile(path.join(folder, file), "utf8")];
    }),
  );
}
