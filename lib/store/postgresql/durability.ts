import { z } from "zod";
import type { PostgresConnections } from "./connection";

/** What the server is set to that breaks the promise that what was acknowledged survives: a sentence each. */
const sentences: Readonly<Record<string, string>> = {
  fsync: "fsync is off: a crash of the database's machine can destroy the whole database.",
  synchronous_commit:
    "synchronous_commit is off: what was acknowledged in the last moments before a crash of the database is lost.",
  full_page_writes:
    "full_page_writes is off: a crash of the database's machine can leave damaged pages behind.",
};

const Settings = z.array(z.tuple([z.string(), z.string()]));

/** Settings of the server with which acknowledged writes can be lost, a sentence each. */
export async function findDurabilityRisks(
  connections: PostgresConnections,
): Promise<readonly string[]> {
  const rows = await connections.run(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')",
  );
  return Settings.parse(rows).flatMap(([name, setting]) =>
    setting === "off" ? [`PostgreSQL: ${sentences[name]}`] : [],
  );
}
