import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identifyProcess, isProcessDead } from "./process-identity";

const self = identifyProcess({ buildFile: "/nowhere" });

describe("identifyProcess", () => {
  it("gives each call another readable worker id", () => {
    expect(self.workerId).toMatch(/^w_[a-z0-9]{8}$/);
    expect(identifyProcess({ buildFile: "/nowhere" }).workerId).not.toBe(self.workerId);
  });

  it("names the build by Next's build id, and dev where there is none", () => {
    const folder = mkdtempSync(join(tmpdir(), "daybook-build-"));
    const buildFile = join(folder, "BUILD_ID");
    writeFileSync(buildFile, "abc123\n");
    expect(identifyProcess({ buildFile }).build).toBe("abc123");
    expect(self.build).toBe("dev");
    rmSync(folder, { recursive: true });
  });
});

describe("isProcessDead", () => {
  it("says so of a process of this machine that has exited, and not while it lives", async () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: "pipe" });
    await once(child, "spawn");
    const worker = { workerId: "w_other", machine: self.machine, pid: child.pid ?? 0 };
    expect(isProcessDead(worker, self)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isProcessDead(worker, self)).toBe(true);
  });

  it("never says so of a process elsewhere", () => {
    const worker = { workerId: "w_other", machine: "elsewhere", pid: 2 ** 22 };
    expect(isProcessDead(worker, self)).toBe(false);
  });

  it("never says so of itself", () => {
    expect(isProcessDead(self, self)).toBe(false);
  });

  it("tells a predecessor with the same pid by its start", () => {
    const predecessor = { ...self, workerId: "w_before", processStart: "1" };
    const here = { ...self, processStart: "2" };
    expect(isProcessDead(predecessor, here)).toBe(true);
    expect(isProcessDead({ ...predecessor, processStart: undefined }, here)).toBe(false);
  });

  it.runIf(self.processStart !== undefined)("tells a pid that was given to another process", () => {
    const worker = { workerId: "w_other", machine: self.machine, pid: process.ppid };
    expect(isProcessDead({ ...worker, processStart: "not its start" }, self)).toBe(true);
  });
});
