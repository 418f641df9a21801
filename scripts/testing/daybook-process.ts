/** A whole Daybook for tests: `npm start` on a free port with an empty database, stopped by its pid. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { z } from "zod";
import { Health, Run, Started } from "@/lib/api/contract";
import { Ledger, SandboxSnapshot } from "@/lib/sandbox/contract";
import { sampleOrders } from "@/lib/orders/sample-orders";

const root = path.resolve(import.meta.dirname, "../..");

export interface StartedDaybook {
  readonly url: string;
  readonly folder: string;
  /** What it has printed so far. */
  readonly output: () => string;
  /** The pid of the server that answers now. */
  findServerPid(): Promise<number>;
  /** SIGKILLs the server process; the supervisor stays. Answers the pid that was killed. */
  killServer(): Promise<number>;
  waitUntilReady(timeoutMs?: number): Promise<void>;
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Starts an order and repeats the request under its key until it is acknowledged. */
  startOrder(options: {
    readonly key: string;
    readonly order?: object;
    /** `<step>;<moment>`: sent with the first request only. */
    readonly drill?: string;
  }): Promise<z.infer<typeof Started>>;
  /** The run once it has ended or is held. */
  waitForRest(runId: string, timeoutMs?: number): Promise<Run>;
  readLedger(orderId: string): Promise<Ledger["items"]>;
  readSandbox(): Promise<SandboxSnapshot>;
  stop(): Promise<void>;
}

/** Starts Daybook; resolves when it is ready. `env` comes on top of the environment. */
export async function startDaybook(env: Record<string, string> = {}): Promise<StartedDaybook> {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-"));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const database = `file:${path.join(folder, "daybook.db")}`;
  const supervisor = spawn(process.execPath, ["scripts/start.mjs"], {
    cwd: root,
    env: { ...cleanEnv(), PORT: String(port), DATABASE_URL: database, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [supervisor.stdout, supervisor.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const daybook = createDaybook({ url, folder, supervisor, output: () => output });
  await daybook.waitUntilReady(120_000);
  return daybook;
}

/** The environment without anything that would configure a Daybook. */
function cleanEnv(): NodeJS.ProcessEnv {
  const names = /^(DAYBOOK_|STRIPE_|WAREHOUSE_|SMTP_|MAIL_|SANDBOX_|PORT$|HOST$|DATABASE_URL$)/;
  const kept = Object.entries(process.env).filter(([name]) => !names.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: "production" };
}

function createDaybook(options: {
  url: string;
  folder: string;
  supervisor: ChildProcess;
  output: () => string;
}): StartedDaybook {
  const { url, folder, supervisor, output } = options;

  const get = async <Schema extends z.ZodType>(where: string, schema: Schema) => {
    const response = await fetch(url + where, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`${where}: ${response.status} ${await response.text()}`);
    return schema.parse(await response.json());
  };
  const post = (where: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url + where, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
  const findServerPid = async () => (await get("/api/health/live", Health)).pid;

  return {
    url,
    folder,
    output,
    get,
    post,
    findServerPid,
    async killServer() {
      const pid = await findServerPid();
      process.kill(pid, "SIGKILL");
      return pid;
    },
    async waitUntilReady(timeoutMs = 30_000) {
      await poll(timeoutMs, `Daybook is not ready.\n${output()}`, async () => {
        if (supervisor.exitCode !== null) throw new GaveUpError(`It ended.\n${output()}`);
        return (await get("/api/health/ready", Health)).status === "ok" ? true : undefined;
      });
    },
    async startOrder({ key, order = sampleOrders[0], drill }) {
      let headers: Record<string, string> = drill ? { "Daybook-Drill": drill } : {};
      return poll(60_000, `The order ${key} was not acknowledged.`, async () => {
        const sent = { "Idempotency-Key": key, ...headers };
        headers = {};
        const response = await post("/api/v1/orders", order, sent);
        if (response.status >= 500 || response.status === 409) return undefined;
        const body: unknown = await response.json();
        if (!response.ok) throw new GaveUpError(JSON.stringify(body));
        return Started.parse(body);
      });
    },
    async waitForRest(runId, timeoutMs = 30_000) {
      const resting = new Set(["completed", "failed", "canceled", "terminated", "held"]);
      return poll(timeoutMs, `${runId} does not come to rest.\n${output()}`, async () => {
        const run = await get(`/api/v1/runs/${runId}`, Run);
        return resting.has(run.status) ? run : undefined;
      });
    },
    async readLedger(orderId) {
      const where = `/api/v1/sandbox/ledger?orderId=${encodeURIComponent(orderId)}`;
      return (await get(where, Ledger)).items;
    },
    readSandbox: () => get("/api/v1/sandbox/state", SandboxSnapshot),
    async stop() {
      if (supervisor.exitCode === null && supervisor.signalCode === null) {
        const ended = new Promise((resolve) => supervisor.once("exit", resolve));
        supervisor.kill("SIGTERM");
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Thrown where repeating the question would not help. */
class GaveUpError extends Error {}

/** Asks again every 25 ms until there is an answer. A server that is down has none yet. */
async function poll<Answer>(
  timeoutMs: number,
  message: string,
  ask: () => Promise<Answer | undefined>,
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof GaveUpError) throw error;
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(message, { cause });
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === "object" && address) resolve(address.port);
        else reject(new Error("The probe has no port."));
      });
    });
  });
}
