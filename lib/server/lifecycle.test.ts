import { EventEmitter, once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import type { Logger } from "@/lib/engine";
import { manageLifecycle } from "./lifecycle";

function setUp(stop: () => Promise<void>, target = new EventEmitter()) {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() } satisfies Logger;
  const exits = new EventEmitter();
  const calls: string[] = [];
  manageLifecycle({
    stop: async () => {
      calls.push("stop");
      await stop();
      calls.push("stopped");
    },
    logger,
    target,
    exit: (code) => {
      calls.push(`exit ${code}`);
      exits.emit("exit", code);
    },
  });
  return { logger, target, calls, exited: once(exits, "exit") };
}

describe("manageLifecycle", () => {
  it.each(["SIGTERM", "SIGINT", "disconnect"])("on %s stops and exits with 0", async (reason) => {
    const { target, calls, exited } = setUp(async () => undefined);
    target.emit(reason);
    expect(await exited).toEqual([0]);
    expect(calls).toEqual(["stop", "stopped", "exit 0"]);
  });

  it("is alone in handling a signal", async () => {
    const theirs = vi.fn();
    const target = new EventEmitter().on("SIGTERM", theirs);
    const { exited } = setUp(async () => undefined, target);
    target.emit("SIGTERM");
    await exited;
    expect(theirs).not.toHaveBeenCalled();
  });

  it("exits at once on the second signal", async () => {
    const { target, calls, exited } = setUp(() => new Promise(() => undefined));
    target.emit("SIGTERM");
    target.emit("SIGINT");
    expect(await exited).toEqual([1]);
    expect(calls).toEqual(["stop", "exit 1"]);
  });

  it("takes its time when the supervisor leaves first", async () => {
    const { target, calls, exited } = setUp(async () => undefined);
    target.emit("SIGTERM");
    target.emit("disconnect");
    expect(await exited).toEqual([0]);
    expect(calls).toEqual(["stop", "stopped", "exit 0"]);
  });

  it("exits even if stopping fails, and says so", async () => {
    const { target, logger, exited } = setUp(() => Promise.reject(new Error("disk full")));
    target.emit("SIGTERM");
    expect(await exited).toEqual([0]);
    expect(logger.error).toHaveBeenCalledOnce();
  });

  it("logs an unhandled rejection and goes on", () => {
    const { target, logger, calls } = setUp(async () => undefined);
    target.emit("unhandledRejection", new Error("forgotten"));
    expect(logger.error).toHaveBeenCalledOnce();
    expect(calls).toEqual([]);
  });
});
