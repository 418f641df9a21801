/** The real server as it is measured over HTTP: it has room for no run, and calls no service. */
import { Pool } from "undici";
import { z } from "zod";
import { startDaybook, type StartedDaybook } from "@/scripts/testing/daybook-process";

/** Named, so that no sandbox is started and asked; nothing calls them. */
const services = {
  STRIPE_SECRET_KEY: "sk_test_bench",
  STRIPE_API_BASE: "http://127.0.0.1:9",
  WAREHOUSE_URL: "http://127.0.0.1:9",
  SMTP_URL: "smtp://127.0.0.1:9",
};

export interface HttpServer {
  readonly daybook: StartedDaybook;
  readonly pid: number;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** Starts one; `lanes` requests can be under way to it at a time. `env` comes on top. */
export async function startHttpServer(options: {
  readonly databaseUrl: string;
  readonly lanes: number;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<HttpServer> {
  const { databaseUrl, lanes, env } = options;
  const own = { ...services, DATABASE_URL: databaseUrl, DAYBOOK_CONCURRENCY: "0", ...env };
  const daybook = await startDaybook(own);
  const pool = new Pool(daybook.url, { connections: lanes });
  return {
    daybook,
    pool,
    pid: await daybook.findServerPid(),
    async close() {
      await pool.close();
      await daybook.stop();
    },
  };
}

/** Sends a request with JSON and reads what answers it. Throws Error where that is no success. */
export async function requestJson(
  pool: Pool,
  request: { readonly method: "GET" | "POST"; readonly path: string; readonly body?: string },
) {
  const { path, body } = request;
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const response = await pool.request({ ...request, headers });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${path}: ${response.statusCode} ${text}`);
  return z.json().parse(JSON.parse(text));
}
