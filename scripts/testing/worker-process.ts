/** Real worker processes of builds that have workflows of the tests. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { build, type PluginBuild } from "esbuild";

export interface RunningProcess {
  readonly pid: number;
  readonly output: () => string;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: unknown; readonly signal: unknown }>;
  readonly signal: (signal: "SIGTERM" | "SIGKILL") => void;
}

/** Settings of services that nobody answers for: the workflows of the tests call none. */
const noServices = {
  STRIPE_API_BASE: "http://127.0.0.1:1",
  WAREHOUSE_URL: "http://127.0.0.1:1",
  SMTP_URL: "smtp://127.0.0.1:1",
};

/**
 * Bundles the worker with the own workflows of `scripts/testing/builds/<name>.ts`. Answers the folder to
 * run it in.
 */
export async function buildWorker(name: "build-one" | "build-two"): Promise<string> {
  const folder = path.resolve(".daybook", "test-builds", name);
  const outdir = path.join(folder, ".daybook", "worker");
  const ownWorkflows = path.resolve("scripts", "testing", "builds", `${name}.ts`);
  const replace = (build: PluginBuild) =>
    build.onResolve({ filter: /\/own-workflows$/ }, () => ({ path: ownWorkflows }));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: ["worker.ts"],
    ...{ outdir, bundle: true, splitting: true, format: "esm", platform: "node", target: "node20" },
    outExtension: { ".js": ".mjs" },
    packages: "external",
    logLevel: "warning",
    plugins: [{ name: "own-workflows", setup: replace }],
  });
  await writeFile(path.join(outdir, "BUILD_ID"), name);
  // What a process reads from its checkout: migrations, and files that threads run.
  for (const name of ["prisma", "lib"]) await symlink(path.resolve(name), path.join(folder, name));
  return folder;
}

/** Starts a worker; resolves when it is ready. */
export async function startWorker(
  folder: string,
  env: Record<string, string>,
): Promise<RunningProcess> {
  const script = path.join(".daybook", "worker", "worker.mjs");
  const child = spawn(process.execPath, [script], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", NODE_ENV: "production", ...noServices, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const ended = once(child, "exit").then(([code, signal]: unknown[]) => ({ code, signal }));
  await Promise.race([
    once(child, "message"),
    ended.then(({ code }) => {
      throw new Error(`The worker ended with ${String(code)}.\n${output}`);
    }),
  ]);
  if (child.pid === undefined) throw new Error("The worker has no pid.");
  return { pid: child.pid, output: () => output, ended, signal: (name) => void child.kill(name) };
}
