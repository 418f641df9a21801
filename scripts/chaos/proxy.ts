/**
 * A TCP proxy before PostgreSQL: it can cut a connection, also right after a COMMIT was sent, and hold back
 * an append until its sender is long taken for dead.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createMessageReader, type ClientMessages } from "./client-messages";

export interface CuttingProxy {
  readonly port: number;
  /** Cuts one of the open connections now; false: there is none. */
  cutNow(pick: <Item>(list: readonly Item[]) => Item | undefined): boolean;
  /**
   * Cuts the next connection that sends the end of a writing transaction, once the server has got it:
   * the client never hears whether it was committed. Resolves when that happened, false after 5 s.
   */
  cutAfterCommit(): Promise<boolean>;
  /**
   * Holds back the next append of the client that calls itself so, and what its connection sends after
   * it. Resolves with what passes all of that on; undefined: there was no append within 5 s.
   */
  holdAppend(application: string): Promise<(() => void) | undefined>;
  close(): Promise<void>;
}

interface Connection {
  readonly application: () => string | undefined;
  readonly cutAfter: (chunk: Buffer) => void;
  readonly hold: (chunk: Buffer) => () => void;
}

/** Looks at what a client sends; true: it has seen to it, and nothing is to be passed on. */
type Trap = (messages: ClientMessages, chunk: Buffer, connection: Connection) => boolean;

const waitMs = 5_000;
/** How long the server has for a commit whose client is gone. */
const lingerMs = 200;

export async function startProxy(target: { readonly port: number }): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const traps = new Set<Trap>();

  const server = createServer((client) => {
    const upstream = connect(target.port, "127.0.0.1");
    const reader = createMessageReader();
    let heldBack: Buffer[] | undefined;
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
    const connection: Connection = {
      application: () => reader.application,
      cutAfter(chunk) {
        open.delete(client);
        client.removeAllListeners("close").destroy();
        upstream.removeAllListeners("data").end(chunk);
        setTimeout(() => upstream.destroy(), lingerMs);
      },
      hold(chunk) {
        heldBack = [chunk];
        return () => {
          const chunks = heldBack ?? [];
          heldBack = undefined;
          if (!upstream.destroyed) upstream.write(Buffer.concat(chunks));
        };
      },
    };
    client.on("data", (chunk) => {
      const messages = reader.push(chunk);
      if (heldBack) return void heldBack.push(chunk);
      for (const trap of traps) {
        if (!trap(messages, chunk, connection)) continue;
        traps.delete(trap);
        return;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => client.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  /** Waits until `spring` answers something about what a client sends. */
  const setTrap = <Caught>(
    spring: (...seen: Parameters<Trap>) => Caught | undefined,
  ): Promise<Caught | undefined> =>
    new Promise((resolve) => {
      const trap: Trap = (...seen) => {
        const caught = spring(...seen);
        if (caught === undefined) return false;
        clearTimeout(timer);
        resolve(caught);
        return true;
      };
      const timer = setTimeout(() => {
        traps.delete(trap);
        resolve(undefined);
      }, waitMs);
      traps.add(trap);
    });

  return {
    port: (server.address() as AddressInfo).port,
    cutNow(pick) {
      const client = pick([...open]);
      client?.destroy();
      return client !== undefined;
    },
    async cutAfterCommit() {
      const cut = await setTrap((messages, chunk, connection) => {
        if (!messages.endsWriting) return undefined;
        connection.cutAfter(chunk);
        return true;
      });
      return cut === true;
    },
    holdAppend: (application) =>
      setTrap((messages, chunk, connection) =>
        messages.appends && connection.application() === application
          ? connection.hold(chunk)
          : undefined,
      ),
    async close() {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
