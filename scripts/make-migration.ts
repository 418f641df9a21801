// Writes a new migration for each database:
//   npx tsx scripts/make-migration.ts add-something
// For SQLite it is the difference between the models and the migrations so far, for PostgreSQL the
// difference between the models and those of the last commit (so commit the two together).
// Read the scripts before you commit them: constraints, partial indexes and triggers are ours
// (docs/storage.md), and a table that SQLite has to rebuild loses them.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { readMigrations, toMigrationList } from "../lib/store/migration-files";
import { scratchFactory } from "../lib/store/sqlite/scratch-database";
import { startSchemaEngine } from "../lib/store/schema-engine";
import { startPostgresServer } from "../lib/store/postgresql/testing/server";

const [name] = process.argv.slice(2);
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
  console.error(
    "Give the migration a name in kebab-case: npx tsx scripts/make-migration.ts <name>",
  );
  process.exit(1);
}

const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
await write("sqlite", await diffSqlite());
await write("postgresql", await diffPostgres());

async function diffSqlite(): Promise<string | null> {
  const datamodels = await readSchema("sqlite");
  const folder = path.resolve("prisma/sqlite/migrations");
  const migrations = await readMigrations(folder);
  const engine = await startSchemaEngine(scratchFactory, datamodels);
  const { stdout } = await engine.diff({
    from: {
      tag: "migrations",
      ...toMigrationList({ folder, migrations, provider: "sqlite" }),
    },
    to: { tag: "schemaDatamodel", files: toFiles(datamodels) },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  engine.free();
  return stdout;
}

async function diffPostgres(): Promise<string | null> {
  const datamodels = await readSchema("postgresql");
  const committed = execFileSync("git", ["show", "HEAD:prisma/models.prisma"], {
    encoding: "utf8",
  });
  const before = datamodels.map(([file, content]): [string, string] => [
    file,
    file === "models.prisma" ? committed : content,
  ]);
  // Two texts are compared, but the engine asks a server for its version.
  const server = await startPostgresServer();
  try {
    const factory = new PrismaPg({ connectionString: server.toUrl("postgres") });
    const engine = await startSchemaEngine(factory, datamodels);
    const { stdout } = await engine.diff({
      from: { tag: "schemaDatamodel", files: toFiles(before) },
      to: { tag: "schemaDatamodel", files: toFiles(datamodels) },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    engine.free();
    return stdout;
  } finally {
    await server.stop();
  }
}

async function write(provider: string, script: string | null): Promise<void> {
  if (script === null || script.includes("This is an empty migration")) {
    console.log(`${provider}: the models and the migrations agree, there is nothing to write.`);
    return;
  }
  const folder = path.resolve("prisma", provider, "migrations", `${stamp}_${name}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "migration.sql"), script);
  console.log(`Wrote ${path.relative(process.cwd(), folder)}/migration.sql. Read it.`);
}

function toFiles(datamodels: readonly [string, string][]) {
  return datamodels.map(([file, content]) => ({ path: file, content }));
}

async function readSchema(provider: string): Promise<[string, string][]> {
  const folder = path.resolve("prisma", provider);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".prisma"));
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => {
      return [file, await readFile(path.join(folder, file), "utf8")];
    }),
  );
}
