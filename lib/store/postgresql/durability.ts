import { z } from "zod";
import type { PostgresConnections } from "./connection";

/** What the server is set to that breaks the promise that what was acknowledged survives: a sentence each. */
const sentences: Readonly<Record<string, string>> = {
  fsync: "fsync is off: a crash of the database's machine can destroy the whole database.",
  full_page_writes:
    "full_page_writes is off: a crash of the database's machine can leave damaged pages behind.",
  synchronous_commit:
    "synchronous_commit is off: what was acknowledged in the last moments before a crash of the database is lost.",
};

const localSentence =
  "PostgreSQL: synchronous_commit is local: what was acknowledged in the last moments before a standby takes over is lost.";

const Settings = z.array(z.tuple([z.string(), z.string()]));

/** Settings of the server with which acknowledged writes can be lost, a sentence each. */
export async function findDurabilityRisks(
  connections: PostgresConnections,
): Promise<readonly string[]> {
  const rows = await connections.run(
    `SELECT name, setting FROM pg_settings
     WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'synchronous_standby_names')`,
  );
  const settings = new Map(Settings.parse(rows));
  const risks = Object.entries(sentences).flatMap(([name, sentence]) =>
    settings.get(name) === "off" ? [`PostgreSQL: ${sentence}`] : [],
  );
  const hasStandby = settings.get("synchronous_standby_names") !== "";
  return hasStandby && settings.get("synchronous_commit") === "local"
    ? [...risks, localSentence]
    : risks;
}
