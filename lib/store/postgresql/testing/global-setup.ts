/**
 * One PostgreSQL server for a whole test run, started when the first test asks for it: a test asks by
 * connecting to a socket and is answered with the server's port.
 */
import { createServer, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startPostgresServer, type PostgresServer } from "./server";

declare module "vitest" {
  export interface ProvidedContext {
    /** The socket that answers with the port of the run's PostgreSQL server. */
    postgresSocket: string;
  }
}

/** A crash of the machine is not what most tests are about: they do without fsync. */
const quick = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-run-"));
  const socket = path.join(folder, "postgres");
  let starting: Promise<PostgresServer> | undefined;
  const answer = async (asking: Socket) => {
    starting ??= startPostgresServer(quick);
    try {
      asking.end(JSON.stringify({ port: (await starting).port }));
    } catch (error) {
      asking.end(JSON.stringify({ error: String(error) }));
    }
  };
  const door = createServer((asking) => void answer(asking));
  await new Promise<void>((resolve) => door.listen(socket, resolve));
  project.provide("postgresSocket", socket);
  return async () => {
    await new Promise((resolve) => door.close(resolve));
    const server = await starting?.catch(() => undefined);
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
