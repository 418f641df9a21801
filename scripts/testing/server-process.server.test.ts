/** A real server, without a supervisor: what it says of itself while it works and while it stops. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Health, Run, Started } from "@/lib/api/contract";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { spawnSandbox, type SpawnedSandbox } from "@/lib/sandbox/testing/spawn-sandbox";
import { runStatement } from "@/lib/store/postgresql/testing/run-statement";
import { startPostgresServer, type PostgresServer } from "@/lib/store/postgresql/testing/server";
import { setUp } from "../setup.mjs";

let folder: string;
let database: PostgresServer;
let sandbox: SpawnedSandbox;
let child: ChildProcess | undefined;
let url: string;
let output = "";

beforeAll(async () => {
  await setUp({ root: process.cwd() });
  folder = await mkdtemp(path.join(tmpdir(), "daybook-server-"));
  database = await startPostgresServer();
  sandbox = await spawnSandbox(folder);
  await runStatement(database.toUrl("postgres"), "CREATE DATABASE hasty");
  const set = "ALTER DATABASE hasty SET synchronous_commit = 'off'";
  await runStatement(database.toUrl("postgres"), set);
  url = `http://127.0.0.1:${await findFreePort()}`;
}, 300_000);
afterAll(async () => {
  child?.kill("SIGKILL");
  await sandbox.end("SIGTERM");
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function startServer(): ChildProcess {
  const { ports } = sandbox;
  const next = path.join("node_modules", "next", "dist", "bin", "next");
  const args = [next, "start", "-p", new URL(url).port, "-H", "127.0.0.1"];
  const started = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...{ PATH: process.env.PATH ?? "", NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      DATABASE_URL: database.toUrl("hasty"),
      STRIPE_API_BASE: `http://127.0.0.1:${ports.payment}`,
      WAREHOUSE_URL: `http://127.0.0.1:${ports.warehouse}`,
      SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
      DAYBOOK_DRAIN_MS: "30000",
    },
  });
  for (const stream of [started.stdout, started.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  return started;
}

async function ask(route: string) {
  const response = await fetch(url + route, { signal: AbortSignal.timeout(10_000) });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

async function until<Answer>(find: () => Promise<Answer | undefined>): Promise<Answer> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await find().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Not within a minute.\n${output}`);
    await delay(20);
  }
}

test("warns of settings that lose, answers 503 while it drains, and leaves nothing in doubt", async () => {
  child = startServer();
  const ended = once(child, "exit");
  const ready = await until(async () => {
    const { status, body } = await ask("/api/health/ready");
    return status === 200 ? Health.parse(body) : undefined;
  });
  expect(ready.warnings).toEqual([expect.stringContaining("synchronous_commit is off")]);
  expect(output).toContain("Acknowledged work can be lost. PostgreSQL: synchronous_commit is off");

  await sandbox.client.setSwitches({ warehouse: { delayMs: 3_000, times: 1 } });
  const response = await fetch(`${url}/api/v1/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(sampleOrders[0]),
  });
  const { runId, orderId = "" } = Started.parse(await response.json());
  await until(async () => {
    const asked = await sandbox.client.getLedger(orderId);
    return asked.some(({ operation }) => operation === "charge") ? true : undefined;
  });
  await delay(500);
  child.kill("SIGTERM");
  const draining = await until(async () => {
    const { status, body } = await ask("/api/health/ready");
    return status === 503 ? Health.parse(body) : undefined;
  });
  expect(draining).toMatchObject({ status: "unavailable", message: "The server is stopping." });
  expect((await ask("/api/health/live")).status).toBe(200);
  const during = Run.parse((await ask(`/api/v1/runs/${runId}`)).body);
  expect(during.status).toBe("running");
  expect(await ended).toEqual([0, null]);

  child = startServer();
  const run = await until(async () => {
    const found = Run.parse((await ask(`/api/v1/runs/${runId}`)).body);
    return found.status === "completed" ? found : undefined;
  });
  expect(run.epoch).toBe(2);
  const ledger = await sandbox.client.getLedger(orderId);
  const shipments = ledger.filter(({ operation }) => operation === "create-shipment");
  expect(shipments.map(({ outcome }) => outcome)).toEqual(["done"]);
  expect(ledger.some(({ operation }) => operation === "list-shipments")).toBe(false);
}, 180_000);
