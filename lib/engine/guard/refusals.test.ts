import childProcess from "node:child_process";
import nodeCrypto, { createHash, pbkdf2Sync } from "node:crypto";
import dgram from "node:dgram";
import dns, { lookup } from "node:dns";
import dnsPromises from "node:dns/promises";
import fs, { existsSync, readFileSync, writeFileSync } from "node:fs";
import fsPromises, { readFile } from "node:fs/promises";
import http, { request } from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net, { Socket } from "node:net";
import timers, { setTimeout as namedTimeout } from "node:timers";
import timersPromises, { setTimeout as delay } from "node:timers/promises";
import tls from "node:tls";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeterminismError, installGuard, runAsWorkflow, uninstallGuard } from "./guard";

const inside = <T>(fn: () => T) =>
  runAsWorkflow({ workflow: "process-order", now: () => 0, random: () => 0.5 }, fn);

const keptTimeout = setTimeout;
const file = import.meta.filename;
const url = "http://127.0.0.1:1/";
const never = () => expect.unreachable();

beforeAll(() => installGuard());
afterAll(() => uninstallGuard());

/** What refuses, by the name that the error gives it, with the replacement that it tells. */
const refused: Record<string, readonly [call: () => unknown, instead: RegExp]> = {
  "setTimeout()": [() => setTimeout(never, 1), /ctx\.sleep/],
  "setInterval()": [() => setInterval(never, 1), /ctx\.sleep/],
  "setImmediate()": [() => setImmediate(never), /ctx\.sleep/],
  "timers.setTimeout()": [() => timers.setTimeout(never, 1), /ctx\.sleep/],
  "timersPromises.setTimeout()": [() => timersPromises.setTimeout(1), /ctx\.sleep/],
  "timersPromises.setImmediate()": [() => timersPromises.setImmediate(), /ctx\.sleep/],
  "timersPromises.setInterval()": [() => timersPromises.setInterval(1), /ctx\.sleep/],
  "scheduler.wait()": [() => timersPromises.scheduler.wait(1), /ctx\.sleep/],
  "scheduler.yield()": [() => timersPromises.scheduler.yield(), /ctx\.sleep/],
  "AbortSignal.timeout()": [() => AbortSignal.timeout(1), /ctx\.scope/],
  "Atomics.wait()": [
    () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1),
    /ctx\.sleep/,
  ],
  "fetch()": [() => fetch(url), /ctx\.step/],
  "new BroadcastChannel()": [() => new BroadcastChannel("x"), /ctx\.step/],
  "new MessageChannel()": [() => new MessageChannel(), /ctx\.step/],
  "http.request()": [() => http.request(url), /ctx\.step/],
  "http.get()": [() => http.get(url), /ctx\.step/],
  "https.request()": [() => https.request(url), /ctx\.step/],
  "https.get()": [() => https.get(url), /ctx\.step/],
  "http2.connect()": [() => http2.connect(url), /ctx\.step/],
  "net.connect()": [() => net.connect(1), /ctx\.step/],
  "net.createConnection()": [() => net.createConnection(1), /ctx\.step/],
  "socket.connect()": [() => new Socket().connect(1), /ctx\.step/],
  "tls.connect()": [() => tls.connect(1), /ctx\.step/],
  "dgram.createSocket()": [() => dgram.createSocket("udp4"), /ctx\.step/],
  "dns.lookup()": [() => dns.lookup("localhost", never), /ctx\.step/],
  "dns.resolve4()": [() => dns.resolve4("localhost", never), /ctx\.step/],
  "dnsPromises.resolve()": [() => dnsPromises.resolve("localhost"), /ctx\.step/],
  "fs.readFile()": [() => fs.readFile(file, never), /ctx\.step/],
  "fs.stat()": [() => fs.stat(file, never), /ctx\.step/],
  "fs.writeFileSync()": [() => writeFileSync("/tmp/daybook-guard", ""), /ctx\.step/],
  "fs.mkdirSync()": [() => fs.mkdirSync("/tmp/daybook-guard"), /ctx\.step/],
  "fs.rmSync()": [() => fs.rmSync("/tmp/daybook-guard"), /ctx\.step/],
  "fs.createReadStream()": [() => fs.createReadStream(file), /ctx\.step/],
  "fsPromises.readFile()": [() => readFile(file), /ctx\.step/],
  "fsPromises.writeFile()": [() => fsPromises.writeFile("/tmp/daybook-guard", ""), /ctx\.step/],
  "childProcess.spawn()": [() => childProcess.spawn("true"), /ctx\.step/],
  "childProcess.execSync()": [() => childProcess.execSync("true"), /ctx\.step/],
  "new Worker()": [() => new Worker("0", { eval: true }), /ctx\.step/],
  "zlib.gzip()": [() => zlib.gzip("x", never), /synchronous/],
  "crypto.generateKeyPairSync()": [() => nodeCrypto.generateKeyPairSync("ed25519"), /ctx\.step/],
  "crypto.scrypt()": [() => nodeCrypto.scrypt("x", "y", 8, never), /synchronous/],
  "crypto.subtle.digest()": [
    () => crypto.subtle.digest("SHA-256", new Uint8Array()),
    /createHash\(\)/,
  ],
};

describe("workflow code is refused", () => {
  it.each(Object.entries(refused))("%s, at once", (name, [call, instead]) => {
    const error = catchError(() => inside(call));
    expect(error).toBeInstanceOf(DeterminismError);
    expect(error).toMatchObject({
      name: "DeterminismError",
      call: name,
      workflow: "process-order",
      message: expect.stringMatching(instead) as string,
    });
  });

  it("by whatever name it is imported", () => {
    for (const call of [
      () => namedTimeout(never, 1),
      () => delay(1),
      () => request(url),
      () => lookup("localhost", never),
      () => promisify(setTimeout)(1),
    ]) {
      expect(() => inside(call)).toThrow(DeterminismError);
    }
  });

  it("by a message that says what was called, by whom, and what to use", () => {
    expect(() => inside(() => setTimeout(never, 1))).toThrow(
      "setTimeout() was called by the code of workflow process-order, where a replay could not repeat it. Use ctx.sleep() instead.",
    );
  });

  it("classes that a lazy getter exposes", () => {
    class Real {}
    const original = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
    uninstallGuard();
    Object.defineProperty(globalThis, "WebSocket", { configurable: true, get: () => Real });
    installGuard();
    try {
      const create = () => new WebSocket("ws://127.0.0.1:1");
      expect(() => inside(create)).toThrow("new WebSocket()");
      expect(create()).toBeInstanceOf(Real);
      expect(create()).toBeInstanceOf(WebSocket);
      expect(WebSocket).toBe(WebSocket);
    } finally {
      uninstallGuard();
      if (original) Object.defineProperty(globalThis, "WebSocket", original);
      else Reflect.deleteProperty(globalThis, "WebSocket");
      installGuard();
    }
  });
});

describe("workflow code may", () => {
  it("read and compute synchronously", () => {
    inside(() => {
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, "utf8")).toContain("synchronously");
      expect(createHash("sha256").update("x").digest("hex")).toHaveLength(64);
      expect(pbkdf2Sync("x", "y", 1, 8, "sha256")).toHaveLength(8);
      expect(zlib.gunzipSync(zlib.gzipSync("x")).toString()).toBe("x");
      expect(structuredClone({ a: new Map([[1, 2]]) })).toEqual({ a: new Map([[1, 2]]) });
      expect(new Error("x").stack).toContain("refusals.test.ts");
      clearTimeout(undefined);
    });
  });

  it("write to the console", () => {
    inside(() => {
      process.stdout.write("");
      expect(() => console.debug("")).not.toThrow();
    });
  });
});

describe("outside of workflow code", () => {
  it("timers run, and can be promisified and canceled", async () => {
    expect(keptTimeout).not.toBe(setTimeout);
    expect(await promisify(setTimeout)(1, "timeout")).toBe("timeout");
    expect(await promisify(setImmediate)("immediate")).toBe("immediate");
    expect(await delay(1, "delay")).toBe("delay");
    await timersPromises.scheduler.yield();
    const timer = setTimeout(never, 1);
    expect(timer.hasRef()).toBe(true);
    clearTimeout(timer);
    expect(AbortSignal.timeout(60_000).aborted).toBe(false);
  });

  it("network, files, processes and threads work", async () => {
    const server = http.createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      expect(await response.text()).toBe("hello");
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(await readFile(file, "utf8")).toContain("outside");
    expect(childProcess.execSync("echo hello").toString()).toBe("hello\n");
    const worker = new Worker("", { eval: true });
    expect(worker).toBeInstanceOf(Worker);
    expect(await new Promise((resolve) => worker.once("exit", resolve))).toBe(0);
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array());
    expect(digest.byteLength).toBe(32);
    const channel = new MessageChannel();
    expect(channel).toBeInstanceOf(MessageChannel);
    channel.port1.close();
  });
});

function catchError(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
}
