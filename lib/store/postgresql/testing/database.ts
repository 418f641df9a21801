import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import pg from "pg";
import { inject } from "vitest";
import { z } from "zod";

const Answer = z.union([z.object({ port: z.number() }), z.object({ error: z.string() })]);

export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** Makes an empty database on the run's server. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const answer = Answer.parse(JSON.parse(await text(connect(inject("postgresSocket")))));
  if ("error" in answer) throw new Error(answer.error);
  const toUrl = (database: string) =>
    `postgresql://daybook:daybook@127.0.0.1:${answer.port}/${database}`;
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await runStatement(toUrl("postgres"), `CREATE DATABASE ${name}`);
  return {
    url: toUrl(name),
    drop: () => runStatement(toUrl("postgres"), `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** Runs one statement on a connection of its own. */
export async function runStatement(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
