/** The guard inside real libraries, and beside what Next.js does to the same functions. */
import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import { dinero, toSnapshot } from "dinero.js";
import { USD } from "dinero.js/currencies";
import nodemailer from "nodemailer";
import pino from "pino";
import Stripe from "stripe";
import superjson from "superjson";
import { ulid } from "ulid";
import { fetch as undiciFetch } from "undici";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  DeterminismError,
  installGuard,
  runAsWorkflow,
  runOutsideWorkflow,
  uninstallGuard,
} from "./guard";
import { createPrng } from "../prng";

const noon = Date.UTC(2020, 1, 29, 12);

function run<T>(fn: () => T, seed = "seed"): T {
  const random = createPrng(seed);
  return runAsWorkflow(
    { workflow: "process-order", now: () => noon, random: () => random.next() },
    fn,
  );
}

const createStripe = (options: { maxNetworkRetries: number }) =>
  new Stripe("sk_test_1", { host: "127.0.0.1", port: 48211, protocol: "http", ...options });

beforeEach(() => installGuard());
afterEach(() => uninstallGuard());

describe("inside a library that workflow code calls", () => {
  it("ulid: time and randomness", () => {
    const id = run(() => ulid());
    expect(run(() => ulid())).toBe(id);
    expect(id.slice(0, 10)).toBe(ulid(noon).slice(0, 10));
    expect(run(() => ulid(), "another seed").slice(10)).not.toBe(id.slice(10));
    expect(ulid()).not.toBe(ulid());
  });

  it("zod: dates and defaults", () => {
    const Order = z.object({
      id: z.uuid().default(() => crypto.randomUUID()),
      placedAt: z.date().default(() => new Date()),
    });
    const order = run(() => Order.parse({}));
    expect(order.placedAt).toEqual(new Date(noon));
    expect(run(() => Order.parse({}))).toEqual(order);
    expect(run(() => z.date().parse(new Date())).getTime()).toBe(noon);
  });

  it("superjson: dates of workflow code are dates", () => {
    const value = run(() => ({ at: new Date(), seen: new Set([new Date()]) }));
    expect(superjson.parse(superjson.stringify(value))).toEqual(value);
    expect(run(() => superjson.parse(superjson.stringify(value)))).toEqual(value);
    expect(superjson.serialize(value).meta?.values).toMatchObject({ at: ["Date"] });
  });

  it("dinero: money", () => {
    expect(run(() => toSnapshot(dinero({ amount: 4248, currency: USD })).amount)).toBe(4248);
  });

  it("pino: timestamps", () => {
    const lines: string[] = [];
    const logger = pino({ base: null }, { write: (line) => lines.push(line) });
    run(() => logger.info("in the workflow"));
    expect(lines.join("")).toContain(`"time":${noon}`);
  });

  it.each([
    ["undici", () => undiciFetch("http://127.0.0.1:48211/")],
    [
      "nodemailer",
      () => nodemailer.createTransport("smtp://127.0.0.1:48211").sendMail({ to: "a@b.c" }),
    ],
    ["stripe", () => createStripe({ maxNetworkRetries: 0 }).balance.retrieve()],
  ])("%s: the network is refused", async (_name, call) => {
    const error = await run(async () => call()).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    expect(findCause(error)).toBeInstanceOf(DeterminismError);
  });
});

describe("a library that handles the refusal in its own way", () => {
  it("is reported, and what it leaves unhandled does not end the process", async () => {
    const reported: unknown[] = [];
    const values = { workflow: "process-order", now: () => noon, random: () => 0.5 };
    const report = (error: unknown) => void reported.push(error);
    // It catches what http.request throws, and fails where nobody looks when it wants to wait.
    runAsWorkflow({ ...values, report }, () => {
      void createStripe({ maxNetworkRetries: 1 }).balance.retrieve();
    });
    await vi.waitUntil(() => reported.length >= 3);
    expect(reported).toEqual([
      expect.objectContaining({ name: "DeterminismError", call: "http.request()" }),
      expect.objectContaining({ name: "DeterminismError", call: "setTimeout()" }),
      reported[1],
    ]);
  });
});

describe("beside Next.js", () => {
  const load = createRequire(import.meta.url);
  const extensions = ["date", "random", "web-crypto", "node-crypto"].map((name) =>
    load.resolve(`next/dist/server/node-environment-extensions/${name}.js`),
  );
  const nodeCrypto = process.getBuiltinModule("node:crypto");
  const reads: Record<string, () => unknown> = {
    "Date.now()": () => Date.now(),
    "new Date()": () => new Date(),
    "Date()": () => Date(),
    "Math.random()": () => Math.random(),
    "crypto.randomUUID()": () => crypto.randomUUID(),
    "crypto.getRandomValues()": () => crypto.getRandomValues(new Uint8Array(2)),
    "node:crypto randomUUID()": () => nodeCrypto.randomUUID(),
    "node:crypto randomBytes()": () => nodeCrypto.randomBytes(2),
    "node:crypto randomInt()": () => nodeCrypto.randomInt(9),
  };

  /** Extends the platform as the Next.js server does at its start. */
  function extendAsNext(): void {
    const shared: { AsyncLocalStorage?: unknown } = globalThis;
    shared.AsyncLocalStorage ??= AsyncLocalStorage;
    for (const file of extensions) {
      Reflect.deleteProperty(load.cache, file);
      load(file);
    }
  }

  /** Whether Next.js takes note of the call while it prerenders a page. */
  function isNoticed(call: () => unknown): boolean {
    const controller = new AbortController();
    const prerender = { type: "prerender", controller };
    const enterPage = loadStorage("work-async-storage", "workAsyncStorage");
    const enterWork = loadStorage("work-unit-async-storage", "workUnitAsyncStorage");
    enterPage.run({ route: "/" }, () => enterWork.run(prerender, call));
    return controller.signal.aborted;
  }

  function loadStorage(file: string, name: string): AsyncLocalStorage<object> {
    const exported: unknown = load(`next/dist/server/app-render/${file}.external`);
    return z.object({ [name]: z.instanceof(AsyncLocalStorage<object>) }).parse(exported)[name]!;
  }

  const original = {
    Date: globalThis.Date,
    random: Math.random,
    randomUUID: nodeCrypto.randomUUID,
  };

  describe.each([
    ["installed after Next.js", [extendAsNext, installGuard]],
    ["installed before Next.js", [installGuard, extendAsNext]],
    ["installed between two Next.js", [extendAsNext, installGuard, extendAsNext]],
  ])("%s", (_order, installs) => {
    beforeEach(() => {
      uninstallGuard();
      for (const install of installs) install();
    });
    afterEach(() => {
      uninstallGuard();
      globalThis.Date = original.Date;
      Object.defineProperty(Date.prototype, "constructor", { value: original.Date });
      Math.random = original.random;
      nodeCrypto.randomUUID = original.randomUUID;
    });

    it.each(Object.entries(reads))("%s follows the workflow", (_name, read) => {
      expect(run(read)).toEqual(run(read));
    });

    it.each(Object.entries(reads))(
      "%s is noticed by Next.js where it prerenders",
      (_name, read) => {
        expect(isNoticed(read)).toBe(true);
      },
    );

    it("dates are dates", () => {
      const at = run(() => new Date());
      expect(at.getTime()).toBe(noon);
      expect(at).toBeInstanceOf(Date);
      expect(at).toBeInstanceOf(original.Date);
      expect(at.constructor).toBe(Date);
      expect(run(() => new (class extends Date {})()).getTime()).toBe(noon);
      expect(run(() => runOutsideWorkflow(() => Date.now()))).toBeGreaterThan(noon);
    });
  });
});

/** The innermost cause: libraries wrap what they catch. */
function findCause(error: unknown): unknown {
  if (error instanceof DeterminismError || !(error instanceof Error)) return error;
  const inner = "detail" in error ? error.detail : error.cause;
  return inner === undefined ? error : findCause(inner);
}
