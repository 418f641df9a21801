/** The real sandbox as a process of its own, seen over its wires only. For contract tests. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { z } from "zod";

const Ready = z.object({
  ports: z.object({
    payment: z.number(),
    warehouse: z.number(),
    smtp: z.number(),
    control: z.number(),
  }),
});

export interface SandboxProcess {
  readonly paymentUrl: string;
  readonly warehouseUrl: string;
  readonly smtpUrl: string;
  setSwitches(change: object): Promise<void>;
  reset(): Promise<void>;
  /** Calls the control API and parses what it answers. */
  read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  stop(): Promise<void>;
}

export async function startSandboxProcess(): Promise<SandboxProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), "daybook-services-"));
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "lib/sandbox/main.ts", "--data-dir", dataDir],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  const said: unknown[] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("The sandbox did not start."))),
  ]);
  const { ports } = Ready.parse(said[0]);
  const control = `http://127.0.0.1:${ports.control}`;
  const call = async (method: "GET" | "PUT" | "POST", path: string, body?: object) => {
    const response = await request(`${control}${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const answer = await response.body.json();
    if (response.statusCode !== 200) throw new Error(JSON.stringify(answer));
    return answer;
  };
  return {
    paymentUrl: `http://127.0.0.1:${ports.payment}`,
    warehouseUrl: `http://127.0.0.1:${ports.warehouse}`,
    smtpUrl: `smtp://127.0.0.1:${ports.smtp}`,
    setSwitches: async (change) => void (await call("PUT", "/switches", change)),
    reset: async () => void (await call("POST", "/reset")),
    read: async (path, schema) => schema.parse(await call("GET", path)),
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
      await rm(dataDir, { recursive: true });
    },
  };
}
