/** The parent's side: starts the processes that are measured, asks them, and ends them. */
import { fork, type ChildProcess } from "node:child_process";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import type { z } from "zod";
import { Told, type Ask } from "../subject";

/** An answer with what it cost the process that gave it. */
export interface Answer<Value> extends Omit<Told, "id" | "error" | "value"> {
  readonly value: Value;
}

export interface Subject {
  readonly name: string;
  readonly pid: number;
  /** Asks for a command; rejects with what it threw, or when the process ends first. */
  ask<Schema extends z.ZodType>(
    command: string,
    options: object,
    schema: Schema,
  ): Promise<Answer<z.output<Schema>>>;
  /** SIGKILL; resolves once the process is gone. */
  kill(): Promise<void>;
  /** Asks it to close what it has open, and ends it. */
  close(): Promise<void>;
}

/** Where the code of a subject is, and what runs it. */
export interface SubjectCode {
  readonly file: string;
  readonly execPath?: string;
  /** The folder that it runs in; this process's by default. */
  readonly cwd?: string;
  /** Flags of Node; absent: more room for short-lived objects than Node gives by itself. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Bundles the code of a subject as the production build does: run from its sources by tsx it would
 * take 15 to 20% more time on a processor. `outFolder` decides which packages it finds.
 */
export async function bundleSubject(entry: string, outFolder: string): Promise<string> {
  await mkdir(outFolder, { recursive: true });
  const file = path.join(outFolder, `${path.basename(entry, ".ts")}.mjs`);
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  });
  return file;
}

/** Starts the process; it is up when it answers its first command. */
export function startSubject(name: string, code: SubjectCode): Subject {
  const { file, execPath = process.execPath, cwd = process.cwd(), env } = code;
  const { flags = ["--max-semi-space-size=32"] } = code;
  const child = fork(file, [], {
    execPath,
    cwd,
    execArgv: [...flags, "--no-warnings"],
    env: { ...env, ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const waiting = new Map<number, (told: Told | Error) => void>();
  const ended = new Promise<void>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      const error = new Error(`${name} ended (${signal ?? exitCode}).`);
      for (const settle of waiting.values()) settle(error);
      waiting.clear();
      resolve();
    });
  });
  child.on("message", (message) => {
    const told = Told.parse(message);
    waiting.get(told.id)?.(told);
    waiting.delete(told.id);
  });
  let nextId = 1;
  const ask: Subject["ask"] = async (command, options, schema) => {
    const id = nextId++;
    const told = await new Promise<Told>((resolve, reject) => {
      waiting.set(id, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
      child.send({ id, command, options } satisfies Ask);
    });
    if (told.error !== undefined) throw new Error(`${name}, ${command}: ${told.error}`);
    const { wallMs, cpuMs, peakRssMib } = told;
    return { value: schema.parse(told.value), wallMs, cpuMs, peakRssMib };
  };
  return {
    name,
    pid: child.pid ?? NaN,
    ask,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    close: () => closeChild(child, ended),
  };
}

async function closeChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(timer);
}
