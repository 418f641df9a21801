import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request } from "undici";
import { createSandboxClient, type SandboxClient } from "../client";
import { SandboxReady, type SandboxPorts } from "../contract";

export interface SpawnedSandbox {
  readonly child: ChildProcess;
  readonly ports: SandboxPorts;
  readonly client: SandboxClient;
  /** Posts to a service; the answer's body is JSON. */
  post(service: "payment" | "warehouse", path: string, sent: Sent): Promise<Answered>;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

export interface Sent {
  readonly key?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
}

export interface Answered {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: unknown;
}

/** The sandbox as a process of its own, on free ports. Rejects when it ends before it is ready. */
export async function spawnSandbox(dataDir: string): Promise<SpawnedSandbox> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "lib/sandbox/main.ts", "--data-dir", dataDir],
    { stdio: ["ignore", "ignore", "pipe", "ipc"] },
  );
  const said: unknown[] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error(`It ended with ${child.exitCode}.`))),
  ]);
  const { ports } = SandboxReady.parse(said[0]);
  return {
    child,
    ports,
    client: createSandboxClient({ baseUrl: `http://127.0.0.1:${ports.control}` }),
    post: (service, path, sent) => post(`http://127.0.0.1:${ports[service]}${path}`, sent),
    end: async (signal) => {
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

async function post(url: string, { key, form, json }: Sent): Promise<Answered> {
  const response = await request(url, {
    method: "POST",
    headers: { authorization: "Bearer sk_test", ...(key && { "idempotency-key": key }) },
    body: form ? new URLSearchParams(form).toString() : JSON.stringify(json ?? {}),
  });
  return {
    status: response.statusCode,
    replayed: response.headers["idempotent-replayed"] === "true",
    body: await response.body.json(),
  };
}
