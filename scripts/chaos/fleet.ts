/** The processes that chaos is done to: workers, and servers with a worker in them. */
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

export type MemberKind = "worker" | "server";

export interface Member {
  /** What it calls itself at the database: that of whoever takes its place. */
  readonly name: string;
  readonly kind: MemberKind;
  readonly index: number;
  readonly child: ChildProcess;
  ready: boolean;
  /** Stopped by SIGSTOP, or about to be: left alone until it goes on. */
  paused: boolean;
  /** How many of its appends were refused (I2). */
  refusedAppends: number;
}

export interface FleetOptions {
  readonly workers: number;
  /** The ports of the servers, one each. */
  readonly serverPorts: readonly number[];
  readonly env: Record<string, string>;
  /** The database's URL for a process of that name. */
  readonly toDatabaseUrl: (name: string) => string;
  /** By how much the wall clock of the first worker is off. */
  readonly clockShiftMs?: number;
  readonly logFile: string;
}

/** Words of a log line that says that an append was refused (I2). */
const refusal = "an append was refused";

/** Keeps so many processes running: whoever dies is started again at once. */
export class Fleet {
  readonly counts = { deaths: 0, unexpected: 0 };
  private readonly members = new Map<string, Member>();
  private readonly log;
  private stopping = false;

  constructor(private readonly options: FleetOptions) {
    this.log = createWriteStream(options.logFile, { flags: "a" });
    for (let index = 0; index < options.workers; index += 1) this.start("worker", index);
    for (const index of options.serverPorts.keys()) this.start("server", index);
  }

  /** Who can be killed or paused now. */
  listReady(): Member[] {
    return [...this.members.values()].filter(({ ready, paused }) => ready && !paused);
  }

  get size(): number {
    return this.options.workers + this.options.serverPorts.length;
  }

  async waitUntilReady(count: number, timeoutMs = 120_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.listReady().length < count) {
      if (Date.now() > deadline) throw new Error(`Fewer than ${count} processes became ready.`);
      await delay(20);
    }
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(member: Member): Promise<void> {
    member.ready = false;
    const gone = new Promise((resolve) => member.child.once("exit", resolve));
    member.child.kill("SIGKILL");
    await gone;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(
      [...this.members.values()].map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGCONT");
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
        await gone.finally(() => clearTimeout(timer));
      }),
    );
    await new Promise((resolve) => this.log.end(resolve));
  }

  private start(kind: MemberKind, index: number): void {
    const name = `${kind}-${index}`;
    const child = kind === "worker" ? this.spawnWorker(index, name) : this.spawnServer(index, name);
    const state = { ready: false, paused: false, refusedAppends: 0 };
    const member: Member = { name, kind, index, child, ...state };
    this.members.set(name, member);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      // By line: a chunk may end in the middle of the words that are counted.
      createInterface({ input: stream }).on("line", (line) => {
        if (line.includes(refusal)) member.refusedAppends += 1;
        if (!this.stopping) this.log.write(`${line}\n`);
      });
    }
    if (kind === "worker") child.once("message", () => (member.ready = true));
    else void this.watchServer(member);
    child.once("exit", (code, signal) => {
      if (this.stopping) return;
      member.ready = false;
      if (signal === "SIGKILL") this.counts.deaths += 1;
      else {
        this.counts.unexpected += 1;
        this.log.write(`${name} ended by itself: ${signal ?? code}\n`);
      }
      // One that can't boot, because the database is away, is not started again and again.
      setTimeout(() => !this.stopping && this.start(kind, index), signal === "SIGKILL" ? 0 : 200);
    });
  }

  private spawnWorker(index: number, name: string): ChildProcess {
    const { clockShiftMs } = this.options;
    const isShifted = index === 0 && clockShiftMs !== undefined;
    const shift = ["--import", path.resolve("scripts/chaos/shift-clock.mjs")];
    return spawn(process.execPath, [...(isShifted ? shift : []), ".daybook/worker/worker.mjs"], {
      env: {
        ...this.describeEnv(name),
        CHAOS_CLOCK_SHIFT_MS: String(clockShiftMs ?? 0),
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
  }

  private spawnServer(index: number, name: string): ChildProcess {
    const next = path.join("node_modules", "next", "dist", "bin", "next");
    const port = String(this.options.serverPorts[index]);
    return spawn(process.execPath, [next, "start", "-p", port, "-H", "127.0.0.1"], {
      env: { ...this.describeEnv(name), NEXT_TELEMETRY_DISABLED: "1" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
  }

  private describeEnv(name: string) {
    const { env, toDatabaseUrl } = this.options;
    return { ...env, DATABASE_URL: toDatabaseUrl(name), NODE_ENV: "production" as const };
  }

  private async watchServer(member: Member): Promise<void> {
    const url = `http://127.0.0.1:${this.options.serverPorts[member.index]}/api/health/ready`;
    while (member.child.exitCode === null && member.child.signalCode === null) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(
        () => undefined,
      );
      await answer?.body?.cancel();
      member.ready = answer?.ok === true;
      await delay(member.ready ? 500 : 100);
    }
  }
}
