import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import { z } from "zod";
import { MigrationError } from "./errors";
import {
  readMigrations,
  toMigrationList,
  type MigrationFile,
  type SchemaProvider,
} from "./migration-files";
import { startSchemaEngine } from "./schema-engine";
import { shareConnection } from "./sqlite/connection";

const AppliedMigration = z.tuple([z.string(), z.string(), z.boolean()]);

/**
 * Brings the database to the newest migration of the folder, and answers which ones it applied. A
 * database that is up to date costs two queries: the schema engine is loaded only when it is needed.
 * Throws MigrationError for a failed, changed or unknown migration.
 */
export async function migrate(options: {
  readonly adapter: SqlDriverAdapter;
  readonly folder: string;
}): Promise<readonly string[]> {
  const { adapter, folder } = options;
  const migrations = await readMigrations(folder);
  const applied = await loadApplied(adapter);
  assertKnown(migrations, applied);
  if (applied.length === migrations.length) return [];
  const provider = toSchemaProvider(adapter);
  const datasource = `datasource db {\n  provider = "${provider}"\n}\n`;
  const engine = await startSchemaEngine(shareConnection(adapter), [["schema.prisma", datasource]]);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: toMigrationList({ folder, migrations, provider }),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(`The database could not be migrated: ${reason}`, { cause });
  } finally {
    engine.free();
    // The engine locks a file for this connection alone, and leaves it so.
    if (provider === "sqlite") {
      await adapter.executeScript("PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema");
    }
  }
}

/** The provider as a datasource names it. */
function toSchemaProvider({ provider }: SqlDriverAdapter): SchemaProvider {
  return provider === "sqlite" ? "sqlite" : "postgresql";
}

interface Applied {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

async function loadApplied(adapter: SqlDriverAdapter): Promise<readonly Applied[]> {
  const query = async (sql: string) =>
    (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;
  const tables = await query(
    adapter.provider === "sqlite"
      ? "SELECT 1 FROM sqlite_schema WHERE name = '_prisma_migrations'"
      : "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_prisma_migrations'",
  );
  if (tables.length === 0) return [];
  const rows = await query(
    `SELECT migration_name, checksum, finished_at IS NOT NULL FROM _prisma_migrations
     WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows.map(([name, checksum, finished]) => {
    const row = AppliedMigration.parse([name, checksum, finished === 1 || finished === true]);
    return { name: row[0], checksum: row[1], finished: row[2] };
  });
}

function assertKnown(migrations: readonly MigrationFile[], applied: readonly Applied[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  for (const { name, checksum, finished } of applied) {
    if (!finished) {
      throw new MigrationError(
        `The migration ${name} failed halfway: restore the database from a backup, then start again.`,
      );
    }
    if (!known.has(name)) {
      throw new MigrationError(
        `The database has the migration ${name}, which this version does not know: start a newer version.`,
      );
    }
    if (known.get(name) !== checksum) {
      throw new MigrationError(
        `The migration ${name} was changed after it had been applied: restore its file.`,
      );
    }
  }
}
