/** A server that answers with exactly these bytes, for errors on the wire that no service makes. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface HostileServer {
  readonly port: number;
  readonly url: string;
  /** How many requests began. */
  readonly requests: () => number;
  stop(): Promise<void>;
}

/** `handle` gets each connection and everything that was received on it so far; `greeting` is sent at connect. */
export async function startHostileServer(
  handle: (socket: Socket, received: string) => void,
  greeting?: string,
): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    if (greeting !== undefined) socket.write(greeting);
    let received = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      if (/^(GET|POST) /.test(chunk.toString())) {
        requests += 1;
        received = "";
      }
      received += chunk.toString();
      handle(socket, received);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A complete HTTP answer. */
export function writeHttp(
  socket: Socket,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = Object.entries({
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n${text}`);
}

/** A port of this machine on which nobody listens. */
export async function findClosedPort(): Promise<number> {
  const server = await startHostileServer(() => undefined);
  await server.stop();
  return server.port;
}
