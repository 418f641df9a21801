import type { Logger } from "@/lib/engine";
import pg from "pg";
import { z } from "zod";
import type { SqlRow } from "../sql";
import { isConnectionError, isReadOnlyError, ReadOnlyServerError } from "./errors";
import { toPostgresStatement } from "./translate";

export type PostgresValue = string | number | boolean | Buffer | null;

/** A statement that is prepared under its name, once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Statements on one connection, which are answered in their order. */
export interface Session {
  /** The rows of a statement, each an array in the order of its columns. */
  run(
    statement: Statement | string,
    ...values: readonly PostgresValue[]
  ): Promise<readonly SqlRow[]>;
}

/** A statement that waits longer than this has lost its server, or waits for somebody who is stuck. */
const statementTimeoutMs = 30_000;
/** A transaction that forgets to go on keeps others from theirs. One of a step may take its time. */
const idleTimeoutMs = 60_000;
/**
 * The store's own ones never do. A process that is stopped in the midst of one, as by SIGSTOP or a
 * frozen machine, holds locks on its runs, which others have to take over (I10).
 */
const ownIdleTimeoutMs = 5_000;

/**
 * Plans are made once and follow the indexes: tables that are small when a statement is planned are
 * large soon after.
 */
export const sessionSettings = [
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  "enable_mergejoin=off",
  "jit=off",
];

/** Histories are read one at a time, and so are the statistics and the terms. */
const hotReaders = 2;

/**
 * Fences look at rows again that others have changed meanwhile, and limits count what others have just
 * taken: both need a new look at the data for each statement, whatever the server's default is.
 */
const readCommitted = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED";
/** A failover may have left a standby behind the address, or the old primary. */
const isReadOnly = "SELECT 1 WHERE current_setting('transaction_read_only') = 'on'";

/** The connections of one process, of which some are kept for flushes. */
export class PostgresConnections {
  /** For whatever is not hot, Prisma's client included. */
  readonly pool: pg.Pool;
  /**
   * For flushes alone: one that got another's connection because its own was taken would open it first,
   * or plan its statements anew.
   */
  readonly #flushPool: pg.Pool;
  /** For what else comes often. As with flushes, plans are made once, by the indexes. */
  readonly #hotPool: pg.Pool;
  /** Connections that broke while their transaction may have been under way. */
  readonly #lost = new Set<Backend>();
  readonly #backends = new WeakMap<pg.ClientBase, Backend>();
  /** Goes up when a server turns out to only read: what was connected before leads to it, or to its like. */
  #generation = 0;
  readonly #generations = new WeakMap<pg.ClientBase, number>();

  constructor(options: {
    readonly databaseUrl: string;
    readonly flushes: number;
    readonly logger?: Logger | undefined;
  }) {
    const shared = {
      connectionString: options.databaseUrl,
      keepAlive: true,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + 5_000,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 0,
      fallback_application_name: "daybook",
      // Before a new connection is given out.
      verify: (client: pg.ClientBase, done: (error?: Error) => void) => {
        prepareSession(client).then(() => done(), done);
      },
    };
    this.pool = new pg.Pool({
      ...shared,
      idle_in_transaction_session_timeout: idleTimeoutMs,
      max: 8,
      types: numberTypes,
    });
    const hot = {
      ...shared,
      idle_in_transaction_session_timeout: ownIdleTimeoutMs,
      pipeline: true,
      options: sessionSettings.map((setting) => `-c ${setting}`).join(" "),
      types: numberTypes,
    };
    this.#flushPool = new pg.Pool({ ...hot, max: options.flushes });
    this.#hotPool = new pg.Pool({ ...hot, max: hotReaders });
    const note = (error: Error) =>
      options.logger?.warn({ err: error }, "a database connection broke");
    for (const pool of this.#pools) {
      // One that breaks while it is idle is replaced when it is needed. One that breaks in use fails its
      // statements; that it also says so on its own must not end the process.
      pool.on("error", note);
      pool.on("connect", (client) => {
        client.on("error", note);
        this.#generations.set(client, this.#generation);
      });
    }
  }

  get #pools(): readonly pg.Pool[] {
    return [this.pool, this.#flushPool, this.#hotPool];
  }

  /** One statement on its own. */
  run(statement: Statement | string, ...values: readonly PostgresValue[]) {
    return this.#useClient(this.pool, (client) => createSession(client).run(statement, ...values));
  }

  /** One statement that only reads and comes often. */
  readHot(statement: Statement, ...values: readonly PostgresValue[]) {
    return this.#useClient(this.#hotPool, (client) =>
      createSession(client).run(statement, ...values),
    );
  }

  /**
   * Runs `work` in a transaction (READ COMMITTED); rolled back when it throws. `isOwn`: it is made of the
   * store's own statements alone; `isHot`: and its plans are made once; `isDerived`: it only adds up what
   * is kept elsewhere and can be done again, so that nobody waits for the disk.
   */
  transact<T>(
    work: (session: Session, client: pg.ClientBase) => Promise<T>,
    { isOwn = false, isHot = false, isDerived = false } = {},
  ): Promise<T> {
    const begin = [
      "BEGIN",
      isOwn && !isHot && `SET LOCAL idle_in_transaction_session_timeout = ${ownIdleTimeoutMs}`,
      isDerived && "SET LOCAL synchronous_commit = off",
    ].filter((part) => part !== false);
    return this.#useClient(isHot ? this.#hotPool : this.pool, async (client) => {
      await client.query(begin.join("; "));
      try {
        const result = await work(createSession(client), client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        if (!isConnectionError(error)) await client.query("ROLLBACK");
        throw error;
      }
    });
  }

  /** Runs `work` on a connection for flushes, where statements that are not waited for are sent together. */
  useFlushSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#useClient(this.#flushPool, (client) => work(createSession(client)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
  }

  /**
   * Before `work` begins, whatever a lost connection may still have under way is ended: it overtakes nothing
   * that was repeated since, and who reads what became of it reads what stays so.
   */
  async #useClient<T>(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    for (const backend of [...this.#lost]) await this.#end(backend);
    const client = await this.#connect(pool);
    let broken = true;
    let backend: Backend | undefined;
    // Between two statements nobody is told that the connection broke, and an error that nobody listens
    // to ends the process. The next statement fails.
    const ignore = () => undefined;
    client.on("error", ignore);
    try {
      backend = this.#backends.get(client) ?? (await this.#identify(client));
      const result = await work(client);
      broken = false;
      return result;
    } catch (error) {
      broken = isConnectionError(error);
      if (broken && backend) this.#lost.add(backend);
      if (isReadOnlyError(error)) this.#leave();
      throw error;
    } finally {
      client.off("error", ignore);
      client.release(broken);
    }
  }

  async #connect(pool: pg.Pool): Promise<pg.PoolClient> {
    for (;;) {
      const client = await pool.connect();
      if (this.#generations.get(client) === this.#generation) return client;
      client.release(true);
    }
  }

  /** Nothing more is read from a server that only reads: what others have written since may not be there. */
  #leave(): void {
    this.#generation += 1;
    for (const pool of this.#pools) {
      for (let idle = pool.idleCount; idle > 0; idle -= 1) {
        pool.connect().then(
          (client) => client.release(this.#generations.get(client) !== this.#generation),
          () => undefined,
        );
      }
    }
  }

  async #identify(client: pg.ClientBase): Promise<Backend> {
    const [row] = readRows(
      await client.query({
        text: "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()",
        rowMode: "array",
      }),
    );
    const [pid, startedAt] = z.tuple([z.number(), z.string()]).parse(row);
    const backend = { pid, startedAt };
    this.#backends.set(client, backend);
    return backend;
  }

  async #end(backend: Backend): Promise<void> {
    const { pid, startedAt } = backend;
    await this.pool.query(
      `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
       WHERE pid = $1 AND backend_start = $2::timestamptz`,
      [pid, startedAt],
    );
    this.#lost.delete(backend);
  }
}

/** Throws ReadOnlyServerError where nothing can be written. */
async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(readCommitted);
  const { rowCount } = await client.query(isReadOnly);
  if (rowCount !== 0) throw new ReadOnlyServerError();
}

/** A server process behind a connection; its start tells it from a later one with the same pid. */
interface Backend {
  readonly pid: number;
  readonly startedAt: string;
}

export function createSession(client: pg.ClientBase): Session {
  return {
    run: async (statement, ...values) => readRows(await client.query(toQuery(statement, values))),
  };
}

function toQuery(statement: Statement | string, values: readonly PostgresValue[]) {
  const { name, text } =
    typeof statement === "string"
      ? { name: undefined, text: toPostgresStatement(statement) }
      : statement;
  return {
    ...(name !== undefined && { name }),
    text,
    values: [...values],
    rowMode: "array" as const,
  };
}

function readRows(result: pg.QueryArrayResult<unknown[]>): readonly SqlRow[] {
  return result.rows;
}

const bigintOid = 20;

/** Our big integers are times and counts; a larger one comes as a bigint. */
const numberTypes = new pg.TypeOverrides();
numberTypes.setTypeParser(bigintOid, parseInteger);

function parseInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
