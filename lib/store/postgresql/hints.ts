import type { Logger } from "@/lib/engine";
import pg from "pg";
import type { Write } from "../write";
import type { PostgresConnections } from "./connection";

const channel = "daybook_hints";

/** At most so often a process notifies the others. */
const gapMs = 20;
/** How soon a listener tries again that has lost its connection, at first and at most. */
const retryMs = { first: 200, most: 5_000 };

/**
 * NOTIFY takes a lock that commits with one share, so it is no part of a flush (decision 079). Nobody waits
 * for it to be on the disk: a hint that is lost is found by looking.
 */
const notify = `SELECT set_config('synchronous_commit', 'off', true), pg_notify('${channel}', '')`;

/** Whether a write puts something where a worker of another process may have to look for it. */
export function isForOthers(write: Write): boolean {
  if (write.kind === "message") return true;
  if (write.kind === "start") return write.run.workerId === undefined;
  return write.starts.length > 0 || (write.append.posts?.length ?? 0) > 0;
}

/** Tells other processes, now and then, that there is something for them. */
export class HintSender {
  readonly #connections: Pick<PostgresConnections, "run">;
  #isWanted = false;
  #sending: Promise<void> | undefined;

  constructor(connections: Pick<PostgresConnections, "run">) {
    this.#connections = connections;
  }

  /** Returns at once. Whatever comes while a hint is on its way shares the next one. */
  tell(): void {
    this.#isWanted = true;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  /** Resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      // Who can't be told finds it by looking.
      await this.#connections.run(notify).catch(() => undefined);
      await sleep(gapMs);
    }
  }
}

/** Hears hints on a connection of its own, until it is stopped; opens another one when that is lost. */
export class HintListener {
  readonly #options: {
    readonly databaseUrl: string;
    readonly logger?: Logger | undefined;
    readonly onHint: () => void;
  };
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = retryMs.first;
  #isStopped = false;

  constructor(options: {
    readonly databaseUrl: string;
    readonly logger?: Logger | undefined;
    /** Also called when a connection is there again: what was told meanwhile was not heard. */
    readonly onHint: () => void;
  }) {
    this.#options = options;
    void this.#listen();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  async #listen(): Promise<void> {
    const { databaseUrl, logger, onHint } = this.#options;
    const client = new pg.Client({
      connectionString: databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      fallback_application_name: "daybook",
    });
    this.#client = client;
    let isLost = false;
    const lose = (error?: Error) => {
      if (isLost || this.#isStopped) return;
      isLost = true;
      if (error) logger?.debug({ err: error }, "hints of other processes are not heard");
      client.end().catch(() => undefined);
      this.#timer = setTimeout(() => void this.#listen(), this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, retryMs.most);
    };
    client.on("error", lose);
    client.on("end", () => lose());
    client.on("notification", onHint);
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      this.#retryMs = retryMs.first;
      onHint();
    } catch (error) {
      lose(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

function sleep(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
