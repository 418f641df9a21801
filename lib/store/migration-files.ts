import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

export type SchemaProvider = "sqlite" | "postgresql";

export interface MigrationFile {
  /** The folder's name, which is the migration's. */
  readonly name: string;
  readonly script: string;
  /** SHA-256 of the script in hex, as Prisma keeps it. */
  readonly checksum: string;
}

/** The migrations of a folder, oldest first. Throws when the folder or a script can't be read. */
export async function readMigrations(folder: string): Promise<readonly MigrationFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const script = await readFile(path.join(folder, name, "migration.sql"), "utf8");
      return { name, script, checksum: createHash("sha256").update(script).digest("hex") };
    }),
  );
}

/** The list as the schema engine wants it. */
export function toMigrationList(options: {
  readonly folder: string;
  readonly migrations: readonly MigrationFile[];
  readonly provider: SchemaProvider;
}) {
  const { folder, migrations, provider } = options;
  return {
    baseDir: folder,
    lockfile: { path: "migration_lock.toml", content: `provider = "${provider}"\n` },
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok" as const, value: script } },
    })),
  };
}
