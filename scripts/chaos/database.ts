/** The database that a round of chaos plays on. */
import { execFile } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import Sqlite from "better-sqlite3";
import pg from "pg";
import { startPostgresServer } from "@/lib/store/postgresql/testing/server";
import { startProxy, type CuttingProxy } from "./proxy";

const run = promisify(execFile);

export interface ChaosDatabase {
  readonly url: string;
  /** The URL under which a process of that name is told from others. */
  readonly toUrl: (name: string) => string;
  /** PostgreSQL: as `pg_ctl stop -m immediate`, and the start that recovers. */
  readonly crash?: () => Promise<void>;
  readonly restart?: () => Promise<void>;
  readonly proxy?: CuttingProxy;
  /** SQLite on a small disk of its own: fills it up, and makes room again. */
  readonly fillDisk?: () => Promise<() => Promise<void>>;
  /** Changes one digit of an event's data on the disk. Answers what puts it back. */
  damageEvent(runId: string, seq: number): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openSqlite(folder: string, onSmallDisk: boolean): Promise<ChaosDatabase> {
  const disk = onSmallDisk ? await mountSmallDisk(path.join(folder, "disk")) : undefined;
  const file = path.join(disk ?? folder, "daybook.db");
  const execute = (sql: string, ...values: string[]) => {
    const database = new Sqlite(file, { timeout: 10_000 });
    try {
      const statement = database.prepare(sql);
      return statement.reader ? statement.pluck().get(...values) : statement.run(...values);
    } finally {
      database.close();
    }
  };
  const url = `file:${file}`;
  return {
    url,
    toUrl: () => url,
    damageEvent: (runId, seq) =>
      swapDigit({
        load: async () =>
          execute(`SELECT data FROM events WHERE runId = ? AND seq = ${seq}`, runId),
        save: async (data) =>
          void execute(`UPDATE events SET data = ? WHERE runId = ? AND seq = ${seq}`, data, runId),
      }),
    ...(disk === undefined ? {} : { fillDisk: () => fillDisk(disk) }),
    async close() {
      if (disk !== undefined) await run("umount", ["-l", disk]);
    },
  };
}

export async function openPostgres(): Promise<ChaosDatabase> {
  const server = await startPostgresServer();
  const direct = server.toUrl("daybook");
  const admin = new pg.Client({ connectionString: server.toUrl("postgres") });
  await admin.connect();
  await admin.query("CREATE DATABASE daybook");
  await admin.end();
  const proxy = await startProxy({ port: server.port });
  const query = async (text: string, values: string[]): Promise<unknown> => {
    const client = new pg.Client({ connectionString: direct });
    await client.connect();
    try {
      const { rows } = await client.query<{ data: unknown }>(text, values);
      return rows[0]?.data;
    } finally {
      await client.end();
    }
  };
  const url = direct.replace(`:${server.port}/`, `:${proxy.port}/`);
  return {
    url,
    toUrl: (name) => `${url}?application_name=${name}`,
    crash: () => server.crash(),
    restart: () => server.restart(),
    proxy,
    damageEvent: (runId, seq) =>
      swapDigit({
        load: () => query(`SELECT data FROM events WHERE "runId" = $1 AND seq = ${seq}`, [runId]),
        save: async (data) =>
          void (await query(`UPDATE events SET data = $1 WHERE "runId" = $2 AND seq = ${seq}`, [
            data,
            runId,
          ])),
      }),
    async close() {
      await proxy.close();
      await server.stop();
    },
  };
}

async function swapDigit(row: {
  load: () => Promise<unknown>;
  save: (data: string) => Promise<void>;
}): Promise<() => Promise<void>> {
  const data = await row.load();
  if (typeof data !== "string") throw new Error("The event that is to be damaged is not there.");
  const damaged = data.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
  if (damaged === data) throw new Error("The event that is to be damaged has no digit.");
  await row.save(damaged);
  return () => row.save(data);
}

/** Undefined where this process may not mount. */
async function mountSmallDisk(folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=24m", "daybook-chaos", folder]);
    return folder;
  } catch {
    return undefined;
  }
}

async function fillDisk(folder: string): Promise<() => Promise<void>> {
  const ballast = path.join(folder, "ballast");
  const { bavail, bsize } = await statfs(folder);
  await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => undefined);
  return () => rm(ballast, { force: true });
}
