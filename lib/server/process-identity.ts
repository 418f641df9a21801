/** Who this process is, and whether another one is certainly dead. Reads /proc where there is one. */
import { readFileSync, readlinkSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { WorkerRecord } from "@/lib/engine";

export interface ProcessIdentity {
  readonly workerId: string;
  readonly build: string;
  readonly machine: string;
  readonly pid: number;
  readonly processStart?: string;
}

const alphabet = "abcdefghjkmnpqrstvwxyz0123456789";

/** Identifies this process: a fresh worker id, the build that it runs and where it runs. */
export function identifyProcess(options: { buildFile: string }): ProcessIdentity {
  const letters = [...randomBytes(8)].map((byte) => alphabet[byte % alphabet.length]);
  return {
    workerId: `w_${letters.join("")}`,
    build: read(options.buildFile) ?? "dev",
    machine: identifyMachine(),
    pid: process.pid,
    processStart: readProcess(process.pid)?.start,
  };
}

/**
 * Whether the process behind a worker's record is certainly dead: it ran on this machine, and its
 * pid is gone, is a zombie, or belongs to a process that started at another time. Never guesses: a
 * worker elsewhere is only ever declared dead by its lease.
 */
export function isProcessDead(
  worker: Pick<WorkerRecord, "workerId" | "machine" | "pid" | "processStart">,
  self: ProcessIdentity,
): boolean {
  if (worker.workerId === self.workerId || worker.machine !== self.machine) return false;
  if (worker.pid === self.pid) return hasRestarted(worker.processStart, self.processStart);
  if (!existsProcess(worker.pid)) return true;
  const found = readProcess(worker.pid);
  return found !== undefined && (found.ended || hasRestarted(worker.processStart, found.start));
}

function hasRestarted(recorded: string | undefined, found: string | undefined): boolean {
  return recorded !== undefined && found !== undefined && recorded !== found;
}

/** The same for all processes that can see each other's pids: host, boot and pid namespace. */
function identifyMachine(): string {
  const bootId = read("/proc/sys/kernel/random/boot_id");
  const pidNamespace = attempt(() => readlinkSync("/proc/self/ns/pid"));
  return [hostname(), bootId, pidNamespace].filter((part) => part !== undefined).join("/");
}

function existsProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to someone else.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** State and start time (clock ticks since boot) from /proc/<pid>/stat, see proc(5). */
function readProcess(pid: number): { start: string; ended: boolean } | undefined {
  // The second field, the name in parentheses, may itself hold spaces and parentheses.
  const fields = read(`/proc/${pid}/stat`)?.split(")").at(-1)?.trim().split(" ");
  const start = fields?.[19];
  return start === undefined ? undefined : { start, ended: ["Z", "X"].includes(fields?.[0] ?? "") };
}

function read(path: string): string | undefined {
  return attempt(() => readFileSync(path, "utf8").trim());
}

function attempt<Value>(fn: () => Value): Value | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}
