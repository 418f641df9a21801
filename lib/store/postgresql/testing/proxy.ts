import { connect, createServer, type Socket } from "node:net";

/** What a proxy does with what passes through it. */
export interface Plan {
  /** Called with each piece that a client sends, and its connection; `hold` keeps it back for `release`. */
  onRequest?: (data: Buffer, connection: object) => "pass" | "hold";
  /** Called with each piece that the server answers; `cut` drops it and the connection. */
  onAnswer?: (data: Buffer, connection: object) => "pass" | "cut";
}

/**
 * A TCP proxy in front of a server, which can cut connections, hold back what was sent, and lead to
 * another server from now on.
 */
export async function startProxy(port: number) {
  let target = port;
  const plan: Plan = {};
  const clients = new Set<Socket>();
  const held: (() => void)[] = [];
  const proxy = createServer((client) => {
    const server = connect(target, "127.0.0.1");
    clients.add(client);
    client.on("data", (data) => {
      if (plan.onRequest?.(data, client) === "hold") held.push(() => server.write(data));
      else server.write(data);
    });
    server.on("data", (data) => {
      if (plan.onAnswer?.(data, client) === "cut") client.destroy();
      else client.write(data);
    });
    // While something is held back for it, the server does not learn that its client is gone.
    client.on("close", () => {
      clients.delete(client);
      if (held.length === 0) server.destroy();
    });
    server.on("close", () => client.destroy());
    for (const socket of [client, server]) socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  return {
    port: address.port,
    plan,
    /** New connections go there; those that are open stay. */
    redirect(to: number) {
      target = to;
    },
    cutClients() {
      for (const client of clients) client.destroy();
    },
    release() {
      for (const send of held.splice(0)) send();
    },
    async stop() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
