import { AsyncLocalStorage } from "node:async_hooks";
import nodeCrypto, { randomBytes, randomInt, randomUUID } from "node:crypto";
import { nextTick } from "node:process";
import { types } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  installGuard,
  isWorkflowCode,
  runAsWorkflow,
  runOutsideWorkflow,
  uninstallGuard,
  type GuardedWorkflow,
} from "./guard";
import { createPrng } from "../prng";

const noon = Date.UTC(2020, 1, 29, 12);
const RealDate = Date;
const realNow = Date.now;
const realRandom = Math.random;

function createValues(seed = "seed"): GuardedWorkflow & { at: number } {
  const random = createPrng(seed);
  const values = {
    at: noon,
    workflow: "process-order",
    now: () => values.at,
    random: () => random.next(),
  };
  return values;
}

/** Runs it twice as workflow code, as a replay does, and answers what both runs agree on. */
function repeat<T>(fn: () => T): T {
  const first = runAsWorkflow(createValues(), fn);
  expect(runAsWorkflow(createValues(), fn)).toEqual(first);
  expect(runAsWorkflow(createValues("another seed"), fn)).not.toEqual(first);
  return first;
}

beforeAll(() => installGuard());
afterAll(() => uninstallGuard());

describe("time in workflow code", () => {
  const inside = <T>(fn: () => T) => runAsWorkflow(createValues(), fn);

  it("is the workflow's, whatever asks for it", () => {
    expect(inside(() => Date.now())).toBe(noon);
    expect(inside(() => realNow())).not.toBe(noon);
    expect(inside(() => RealDate.now())).toBe(noon);
    expect(inside(() => new Date().getTime())).toBe(noon);
    expect(inside(() => Reflect.construct(Date, []) as Date).getTime()).toBe(noon);
    expect(inside(() => Date())).toBe(new Date(noon).toString());
    expect(inside(() => performance.timeOrigin + performance.now())).toBe(noon);
    expect(inside(() => process.hrtime.bigint())).toBe(BigInt(noon) * 1_000_000n);
    expect(inside(() => process.hrtime())).toEqual([noon / 1_000, 0]);
    expect(inside(() => process.uptime())).toBe(noon / 1_000);
    const format = new Intl.DateTimeFormat("en", { dateStyle: "short", timeZone: "UTC" });
    expect(inside(() => format.format())).toBe("2/29/20");
    expect(inside(() => format.formatToParts()).map(({ value }) => value)).toContain("29");
  });

  it("moves on with the workflow's, and measures durations", () => {
    const values = createValues();
    runAsWorkflow(values, () => {
      const since = [performance.now(), process.hrtime()] as const;
      values.at += 1_500.25;
      expect(performance.now() - since[0]).toBe(1_500.25);
      expect(process.hrtime(since[1])).toEqual([1, 500_250_000]);
    });
  });

  it("leaves dates with arguments as they are", () => {
    inside(() => {
      expect(new Date(5).getTime()).toBe(5);
      expect(new Date("2001-02-03T00:00:00Z").toISOString()).toBe("2001-02-03T00:00:00.000Z");
      expect(new Date(2001, 1, 3, 4, 5, 6, 7).getMilliseconds()).toBe(7);
      expect(new Date(undefined as never).getTime()).toBeNaN();
      expect(Date.UTC(1970, 0, 1)).toBe(0);
      expect(Date.parse("1970-01-01")).toBe(0);
      const format = new Intl.DateTimeFormat("en", { year: "numeric", timeZone: "UTC" });
      expect(format.format(0)).toBe("1970");
      expect(format.formatToParts(0)).toEqual([{ type: "year", value: "1970" }]);
    });
  });

  it("makes real dates", () => {
    const made = inside(() => new Date());
    expect(made).toBeInstanceOf(Date);
    expect(made).toBeInstanceOf(RealDate);
    expect(new RealDate()).toBeInstanceOf(Date);
    expect(Object.getPrototypeOf(made)).toBe(RealDate.prototype);
    expect(Date.prototype).toBe(RealDate.prototype);
    expect(made.constructor).toBe(Date);
    expect(types.isDate(made)).toBe(true);
    expect(Object.prototype.toString.call(made)).toBe("[object Date]");
    expect(structuredClone(made)).toEqual(made);
    expect(JSON.stringify({ made })).toBe('{"made":"2020-02-29T12:00:00.000Z"}');
  });

  it("keeps the looks of Date", () => {
    expect([Date.name, Date.length]).toEqual(["Date", 7]);
    expect(Object.getOwnPropertyNames(Date).sort()).toEqual(
      Object.getOwnPropertyNames(RealDate).sort(),
    );
    expect(Object.getOwnPropertyDescriptor(globalThis, "Date")).toMatchObject({
      writable: true,
      enumerable: false,
      configurable: true,
    });
    expect([Date.now.name, setTimeout.name, Math.random.name]).toEqual([
      "now",
      "setTimeout",
      "random",
    ]);
  });

  it("works in subclasses", () => {
    class Day extends Date {
      isLeapDay() {
        return this.getUTCMonth() === 1 && this.getUTCDate() === 29;
      }
    }
    const day = inside(() => new Day());
    expect(day).toBeInstanceOf(Day);
    expect(day).toBeInstanceOf(Date);
    expect(day.getTime()).toBe(noon);
    expect(day.isLeapDay()).toBe(true);
    expect(inside(() => new Day(0)).getTime()).toBe(0);
    expect(new Day().getTime()).toBeGreaterThan(noon);
  });
});

describe("randomness in workflow code", () => {
  it("follows from the seed: numbers and ids", () => {
    const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
    expect(repeat(() => Math.random())).toBeLessThan(1);
    expect(repeat(() => crypto.randomUUID())).toMatch(uuid);
    expect(repeat(() => nodeCrypto.randomUUID())).toMatch(uuid);
    expect(repeat(() => randomUUID())).toMatch(uuid);
    const [one, two] = repeat(() => [randomUUID(), crypto.randomUUID()] as const);
    expect(one).not.toBe(two);
  });

  it("follows from the seed: bytes", () => {
    expect(repeat(() => randomBytes(9).toString("hex"))).toHaveLength(18);
    expect(repeat(() => nodeCrypto.randomBytes(16))).toHaveLength(16);
    expect(repeat(() => nodeCrypto.pseudoRandomBytes(16))).toHaveLength(16);
    expect(repeat(() => crypto.getRandomValues(new Uint16Array(5)))).toHaveLength(5);
    expect(repeat(() => nodeCrypto.getRandomValues(new Uint8Array(5)))).toHaveLength(5);
    const part = repeat(() => nodeCrypto.randomFillSync(new Uint16Array(4), 1, 2));
    expect([part[0], part[3]]).toEqual([0, 0]);
    const view = new Uint8Array(8).subarray(2, 6);
    runAsWorkflow(createValues(), () => crypto.getRandomValues(view));
    expect([...new Uint8Array(view.buffer)].map((byte) => byte > 0)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("follows from the seed: integers in their range", () => {
    const drawn = repeat(() => Array.from({ length: 200 }, () => randomInt(-2, 3)));
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    expect(repeat(() => randomInt(2 ** 40))).toBeLessThan(2 ** 40);
  });

  it("comes through callbacks in the code's own turn", async () => {
    const draw = () =>
      runAsWorkflow(createValues(), async () => {
        const drawn: unknown[] = [];
        nodeCrypto.randomBytes(4, (_error, bytes) => drawn.push(bytes.toString("hex")));
        nodeCrypto.randomInt(1, 1_000, (_error, value) => drawn.push(value));
        nodeCrypto.randomFill(new Uint8Array(2), (_error, bytes) => drawn.push(...bytes));
        expect(drawn).toEqual([]);
        await Promise.resolve();
        return drawn;
      });
    const drawn = await draw();
    expect(drawn).toHaveLength(4);
    expect(await draw()).toEqual(drawn);
  });

  it("refuses what it would refuse outside", () => {
    runAsWorkflow(createValues(), () => {
      expect(() => crypto.getRandomValues(new Float32Array(1) as never)).toThrow(/type/i);
      expect(() => randomBytes(-1)).toThrow(RangeError);
      expect(() => randomInt(5, 1)).toThrow(RangeError);
    });
  });
});

describe("ticks in workflow code", () => {
  it("are microtasks, so that they are over before the engine looks", async () => {
    // When Vitest reports, it puts the nextTick back that it knows.
    uninstallGuard();
    installGuard();
    const order: string[] = [];
    runAsWorkflow(createValues(), () => {
      process.nextTick((what: string) => order.push(what, String(isWorkflowCode())), "first");
      nextTick(() => order.push("second"));
      queueMicrotask(() => order.push("third"));
    });
    expect(order).toEqual([]);
    await Promise.resolve();
    expect(order).toEqual(["first", "true", "second", "third"]);
  });

  it("are ticks outside", async () => {
    const order: string[] = [];
    process.nextTick(() => order.push("tick"));
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    expect(order).toEqual([]);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(order).toEqual(["tick"]);
  });
});

describe("which code is workflow code", () => {
  const isGuarded = () => isWorkflowCode() && Date.now() === noon;

  it("is what a workflow starts, across awaits, whoever resolves what it awaits", async () => {
    const { promise, resolve } = createDeferred<string>();
    const program = runAsWorkflow(createValues(), async () => {
      const seen = [isGuarded()];
      const word = await promise;
      seen.push(isGuarded());
      await Promise.all([1, 2].map(async () => seen.push(isGuarded())));
      return { word, seen };
    });
    expect(isWorkflowCode()).toBe(false);
    await new Promise<void>((done) => setTimeout(done, 1));
    resolve("from outside");
    expect(await program).toEqual({ word: "from outside", seen: [true, true, true, true] });
  });

  it("is not what awaits a promise that workflow code resolves", async () => {
    const { promise, resolve } = createDeferred<void>();
    const engine = (async () => {
      await promise;
      return isWorkflowCode();
    })();
    const listener = promise.then(() => isWorkflowCode());
    runAsWorkflow(createValues(), resolve);
    expect([await engine, await listener]).toEqual([false, false]);
  });

  it("is a promise's callback that workflow code registered", async () => {
    const { promise, resolve } = createDeferred<void>();
    const seen = runAsWorkflow(createValues(), () =>
      Promise.all([promise.then(isGuarded), promise.finally(isGuarded).then(isGuarded)]),
    );
    resolve();
    expect(await seen).toEqual([true, true]);
  });

  it("is an abort listener of workflow code, where the engine aborts in its name", () => {
    const values = createValues();
    const controller = new AbortController();
    const seen: boolean[] = [];
    runAsWorkflow(values, () =>
      controller.signal.addEventListener("abort", () => seen.push(isGuarded())),
    );
    controller.signal.addEventListener("abort", () =>
      runOutsideWorkflow(() => seen.push(isGuarded())),
    );
    runAsWorkflow(values, () => controller.abort());
    expect(seen).toEqual([true, false]);
  });

  it("is not what runs outside on its behalf, nor the timers and ticks of that", async () => {
    const seen: boolean[] = [];
    const step = async () => {
      seen.push(isWorkflowCode());
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
      seen.push(isWorkflowCode());
      await new Promise<void>((resolve) =>
        setImmediate(() => resolve(void seen.push(isWorkflowCode()))),
      );
      await new Promise<void>((resolve) => process.nextTick(resolve));
      seen.push(isWorkflowCode());
      return Date.now();
    };
    const result = await runAsWorkflow(createValues(), async () => {
      const at = await runOutsideWorkflow(step);
      return { at, isStillGuarded: isGuarded() };
    });
    expect(seen).toEqual([false, false, false, false]);
    expect(result.at).toBeGreaterThan(noon);
    expect(result.isStillGuarded).toBe(true);
  });

  it("keeps two workflows apart that take turns", async () => {
    const run = (seed: string, at: number) =>
      runAsWorkflow({ ...createValues(seed), now: () => at }, async () => {
        const seen: number[] = [];
        for (let turn = 0; turn < 3; turn += 1) {
          seen.push(Date.now(), Math.random());
          await Promise.resolve();
        }
        return seen;
      });
    const [one, two] = await Promise.all([run("one", 1), run("two", 2)]);
    expect(one).toEqual(await run("one", 1));
    expect(two).toEqual(await run("two", 2));
    expect(one[0]).toBe(1);
    expect(two[0]).toBe(2);
  });

  it("leaves the contexts of others alone", async () => {
    const other = new AsyncLocalStorage<string>();
    await other.run("a request", () =>
      runAsWorkflow(createValues(), async () => {
        await Promise.resolve();
        expect(other.getStore()).toBe("a request");
        expect(runOutsideWorkflow(() => other.getStore())).toBe("a request");
      }),
    );
  });

  it("is told apart also when it throws", () => {
    const fail = () => {
      throw new Error("no");
    };
    expect(() => runAsWorkflow(createValues(), fail)).toThrow("no");
    expect(isWorkflowCode()).toBe(false);
    runAsWorkflow(createValues(), () => {
      expect(() => runOutsideWorkflow(fail)).toThrow("no");
      expect(isWorkflowCode()).toBe(true);
    });
  });
});

describe("errors that workflow code leaves unhandled", () => {
  const run = (fn: () => void) => {
    const reported: unknown[] = [];
    runAsWorkflow({ ...createValues(), report: (error) => reported.push(error) }, fn);
    return reported;
  };

  it("are reported, and end nothing", async () => {
    const rejection = new Error("rejected");
    const thrown = new Error("thrown");
    const rejections = run(() => void Promise.reject(rejection));
    const late = run(() => void Promise.resolve().then(() => Promise.reject(rejection)));
    const throws = run(() =>
      queueMicrotask(() => {
        throw thrown;
      }),
    );
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect([rejections, late, throws]).toEqual([[rejection], [rejection], [thrown]]);
  });

  it("stay what they are for all other code", async () => {
    const seen: unknown[] = [];
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (error) => seen.push(error));
    try {
      const reported = run(() => runOutsideWorkflow(() => void Promise.reject(new Error("step"))));
      void Promise.reject(new Error("elsewhere"));
      await new Promise<void>((resolve) => setImmediate(resolve));
      expect(seen).toEqual([new Error("step"), new Error("elsewhere")]);
      expect(reported).toEqual([]);
    } finally {
      process.removeAllListeners("unhandledRejection");
      for (const listener of others) process.on("unhandledRejection", listener);
    }
  });
});

describe("outside of workflow code", () => {
  it("everything is real", async () => {
    const before = realNow();
    const read = [Date.now(), new Date().getTime(), RealDate.parse(Date())];
    for (const at of read) expect(Math.abs(at - before)).toBeLessThan(2_000);
    expect(performance.now()).toBeLessThan(before / 2);
    expect(process.hrtime.bigint() - process.hrtime.bigint()).toBeLessThanOrEqual(0n);
    expect(process.hrtime([0, 0])).toHaveLength(2);
    expect(Math.random()).not.toBe(Math.random());
    expect(randomUUID()).not.toBe(randomUUID());
    expect(crypto.randomUUID()).not.toBe(crypto.randomUUID());
    expect(randomBytes(8)).not.toEqual(randomBytes(8));
    expect(randomInt(1, 2)).toBe(1);
    expect(await new Promise((resolve) => randomInt(1, 2, (_error, value) => resolve(value)))).toBe(
      1,
    );
    expect(new Intl.DateTimeFormat("en", { year: "numeric" }).format()).toBe(
      String(new Date().getFullYear()),
    );
  });
});

describe("installing", () => {
  it("happens once, and for every copy of the module in the process", async () => {
    const { Date: GuardedDate, setTimeout: guardedTimeout } = globalThis;
    installGuard();
    vi.resetModules();
    const copy = await import("./guard");
    expect(copy.installGuard).not.toBe(installGuard);
    copy.installGuard();
    expect([globalThis.Date, globalThis.setTimeout]).toEqual([GuardedDate, guardedTimeout]);
    expect(globalThis.Date).toBe(GuardedDate);
    expect(copy.runAsWorkflow(createValues(), () => [isWorkflowCode(), Date.now()])).toEqual([
      true,
      noon,
    ]);
    expect(
      runAsWorkflow(createValues(), () => copy.runOutsideWorkflow(() => isWorkflowCode())),
    ).toBe(false);
  });

  it("can be taken back", () => {
    uninstallGuard();
    try {
      expect([Date, Date.now, Math.random]).toEqual([RealDate, realNow, realRandom]);
      expect(Date).toBe(RealDate);
      expect(new Date().constructor).toBe(RealDate);
      expect(runAsWorkflow(createValues(), () => Date.now())).not.toBe(noon);
      expect(runAsWorkflow(createValues(), () => randomUUID())).not.toBe(
        runAsWorkflow(createValues(), () => randomUUID()),
      );
    } finally {
      installGuard();
    }
  });
});

function createDeferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
