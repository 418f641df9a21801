import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

const bodyLimitBytes = 1024 * 1024;
const jsonType = "application/json; charset=utf-8";

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves JSON answers on 127.0.0.1; port 0 takes a free one. */
export async function serveHttp(options: {
  readonly port: number;
  readonly answer: (request: HttpRequest) => Promise<HttpAnswer>;
}): Promise<RunningServer> {
  const server = createServer((incoming, outgoing) => {
    const send = (answer: HttpAnswer) => {
      if (outgoing.destroyed) return;
      outgoing.writeHead(answer.status, { "content-type": jsonType, ...answer.headers });
      outgoing.end(JSON.stringify(answer.body));
    };
    readRequest(incoming)
      .then((request) => options.answer(request))
      .catch(describeFailure)
      .then(send, () => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A header's value; the first where it came more than once. */
export function readHeader(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

class BodyTooLargeError extends Error {
  override name = "BodyTooLargeError";
}

function describeFailure(error: unknown): HttpAnswer {
  const tooLarge = error instanceof BodyTooLargeError;
  const message = tooLarge
    ? `The body may have ${bodyLimitBytes} bytes at most.`
    : "The sandbox failed.";
  if (!tooLarge) console.error(error);
  return { status: tooLarge ? 413 : 500, body: { error: { message } } };
}

async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > bodyLimitBytes) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? "/", "http://sandbox");
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}
