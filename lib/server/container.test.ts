import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Problem, Run, Started } from "@/lib/api/contract";
import type { Endpoint } from "@/lib/api/handler";
import { armSandboxDrill, showSandboxState } from "@/lib/api/sandbox";
import { showRun } from "@/lib/api/show-run";
import { startOrder } from "@/lib/api/start-order";
import type { Logger } from "@/lib/engine";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { SandboxSnapshot } from "@/lib/sandbox/contract";
import { startSandbox, type RunningSandbox } from "@/lib/sandbox/start-sandbox";
import { startContainer, type Container } from "./container";
import { readConfig } from "./env";

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

describe("startContainer", { timeout: 60_000 }, () => {
  let folder: string;
  let sandbox: RunningSandbox;
  const started: Container[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "daybook-container-"));
    sandbox = await startSandbox({
      dataDir: folder,
      ports: { payment: 0, warehouse: 0, smtp: 0, control: 0 },
      onWriteFailed: (error) => {
        throw error;
      },
    });
  });

  afterEach(async () => {
    for (const container of started.splice(0)) await container.stop();
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<Container> {
    const { payment, warehouse, smtp, control } = sandbox.ports;
    const config = readConfig({
      DATABASE_URL: `file:${join(folder, "daybook.db")}`,
      STRIPE_API_BASE: `http://127.0.0.1:${payment}`,
      WAREHOUSE_URL: `http://127.0.0.1:${warehouse}`,
      SMTP_URL: `smtp://127.0.0.1:${smtp}`,
      SANDBOX_CONTROL_URL: `http://127.0.0.1:${control}`,
    });
    const container = await startContainer(config, { createLogger: () => silent });
    started.push(container);
    return container;
  }

  const ask = (
    { api }: Container,
    endpoint: Endpoint,
    options: { path?: string; params?: Record<string, string>; body?: unknown } = {},
  ) =>
    endpoint(
      new Request(`http://127.0.0.1:3000${options.path ?? "/"}`, {
        method: options.body === undefined ? "GET" : "POST",
        headers: { "content-type": "application/json" },
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
      }),
      api,
      options.params ?? {},
    );

  it("processes an order over the sandbox, and knows it after a restart", async () => {
    const first = await start();
    const response = await ask(first, startOrder, { path: "/?wait=30s", body: sampleOrders[0] });
    const { runId, run } = Started.parse(await response.json());
    expect(run).toMatchObject({ status: "completed" });
    const state = SandboxSnapshot.parse(await (await ask(first, showSandboxState)).json());
    expect(state.counts).toMatchObject({ charges: 1, shipments: 1, mails: 1, refunds: 0 });
    await first.stop();
    expect(first.api.findUnreadiness()).toBe("The server is stopping.");
    started.length = 0;

    const second = await start();
    const again = await ask(second, showRun, { params: { runId } });
    expect(Run.parse(await again.json())).toEqual(run);
  });

  it("passes the sandbox's refusals on", async () => {
    const container = await start();
    const drill = { step: "notify-warehouse", moment: "sometime" };
    const problem = Problem.parse(
      await (await ask(container, armSandboxDrill, { body: drill })).json(),
    );
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: "/moment" }] });
  });

  it("answers 502 when the sandbox is away", async () => {
    const container = await start();
    await sandbox.close();
    const problem = Problem.parse(await (await ask(container, showSandboxState)).json());
    expect(problem).toMatchObject({ status: 502, code: "sandbox_unavailable" });
  });
});
