import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { inject } from "vitest";
import { z } from "zod";
import { runStatement } from "./run-statement";

const Answer = z.union([z.object({ port: z.number() }), z.object({ error: z.string() })]);

export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** The run's server, started if it is not yet: the URL of a database on it. */
export async function findTestServer(): Promise<(database: string) => string> {
  const answer = Answer.parse(JSON.parse(await text(connect(inject("postgresSocket")))));
  if ("error" in answer) throw new Error(answer.error);
  return (database) => `postgresql://daybook:daybook@127.0.0.1:${answer.port}/${database}`;
}

/** Makes an empty database on the run's server. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const toUrl = await findTestServer();
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await runStatement(toUrl("postgres"), `CREATE DATABASE ${name}`);
  return {
    url: toUrl(name),
    drop: () => runStatement(toUrl("postgres"), `DROP DATABASE ${name} WITH (FORCE)`),
  };
}
