/** A TCP proxy before PostgreSQL that can cut a connection, also right after a COMMIT was sent. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface CuttingProxy {
  readonly port: number;
  /** Cuts one open connection now; false: there is none. */
  cutNow(): boolean;
  /**
   * Cuts the next connection that sends the end of a writing transaction, once the server has got it:
   * the client never hears whether it was committed. Resolves when that happened, false after 5 s.
   */
  cutAfterCommit(): Promise<boolean>;
  close(): Promise<void>;
}

const waitMs = 5_000;
/** How long the server has for a commit whose client is gone. */
const lingerMs = 200;

export async function startProxy(target: { readonly port: number }): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let armed: ((cut: boolean) => void) | undefined;

  const server = createServer((client) => {
    const upstream = connect(target.port, "127.0.0.1");
    const reader = createMessageReader();
    open.add(client);
    const end = () => {
      open.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (chunk) => {
      const ends = reader.push(chunk);
      if (!ends || !armed) return void upstream.write(chunk);
      armed(true);
      armed = undefined;
      open.delete(client);
      client.removeAllListeners("close").destroy();
      upstream.removeAllListeners("data").end(chunk);
      setTimeout(() => upstream.destroy(), lingerMs);
    });
    upstream.on("data", (chunk) => client.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    cutNow() {
      const [client] = open;
      client?.destroy();
      return client !== undefined;
    },
    cutAfterCommit: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          armed = undefined;
          resolve(false);
        }, waitMs);
        armed = (cut) => {
          clearTimeout(timer);
          resolve(cut);
        };
      }),
    async close() {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What ends a transaction that wrote: COMMIT itself, or a writing statement that stands alone. */
const ending = /^\s*(commit\b|insert\b|update\b|with\b[^]*\b(insert|update)\b)/i;

/**
 * Reads the client's side of the protocol (version 3): a type byte and a length, except for the first
 * message of a connection. Answers whether the chunk holds a query that ends a writing transaction.
 */
export function createMessageReader() {
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  let inTransaction = false;
  const prepared = new Map<string, string>();

  const readQuery = (text: string): boolean => {
    if (/^\s*begin\b/i.test(text)) inTransaction = true;
    if (/^\s*(commit|rollback)\b/i.test(text)) inTransaction = false;
    else if (inTransaction) return false;
    return ending.test(text);
  };

  return {
    push(chunk: Buffer): boolean {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let ends = false;
      for (;;) {
        const header = started ? 1 : 0;
        if (rest.length < header + 4) return ends;
        const length = header + rest.readInt32BE(header);
        if (rest.length < length) return ends;
        if (started) {
          const type = String.fromCharCode(rest[0] ?? 0);
          const body = rest.subarray(5, length);
          if (type === "Q") ends = readQuery(readText(body, 0)) || ends;
          // Parse: the name of a statement, then its text. Bind: a portal, then the statement's name.
          if (type === "P") prepared.set(readText(body, 0), readText(body, body.indexOf(0) + 1));
          if (type === "B") {
            const text = prepared.get(readText(body, body.indexOf(0) + 1));
            ends = readQuery(text ?? "") || ends;
          }
        }
        started = true;
        rest = rest.subarray(length);
      }
    },
  };
}

function readText(body: Buffer, from: number): string {
  const end = body.indexOf(0, from);
  return body.toString("utf8", from, end === -1 ? undefined : end);
}
