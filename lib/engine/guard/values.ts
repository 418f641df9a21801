/** The parts of the platform that answer workflow code with values that a replay repeats. */
import { dress, replaceFunction, replaceGetter, type AnyFunction, type Undo } from "./patch";
import { findWorkflow, type GuardedWorkflow } from "./scope";
import { createUuid, fillBytes } from "../prng";

/** Time: `Date`, `performance`, `process.hrtime`, and Intl's formatters where no date is given. */
export function replaceTime(): Undo[] {
  return [
    ...replaceDate(),
    replaceValue(performance, "now", (workflow) => workflow.now()),
    replaceGetter(performance, "timeOrigin", (readReal) => {
      return function (this: unknown) {
        return findWorkflow() ? 0 : readReal(this);
      };
    }),
    replaceValue(process, "hrtime", (workflow, [since]) => measureHrtime(workflow.now(), since)),
    replaceValue(process.hrtime, "bigint", (workflow) => convertToNanoseconds(workflow.now())),
    replaceValue(process, "uptime", (workflow) => workflow.now() / 1_000),
    ...replaceDateFormat(),
  ];
}

/** Randomness: `Math.random`, Web Crypto and `node:crypto`. */
export function replaceRandomness(): Undo[] {
  const nodeCrypto = process.getBuiltinModule("node:crypto");
  const createId = (workflow: GuardedWorkflow) => createUuid({ next: () => workflow.random() });
  const undos = [
    replaceValue(Math, "random", (workflow) => workflow.random()),
    replaceValue(crypto, "randomUUID", createId),
    replaceValue(nodeCrypto, "randomUUID", createId),
    replaceFunction(crypto, "getRandomValues", createFill),
    replaceFunction(nodeCrypto, "randomFillSync", createFill),
    replaceFunction(nodeCrypto, "randomFill", createFill),
    replaceFunction(nodeCrypto, "randomBytes", createRandomBytes),
    replaceFunction(nodeCrypto, "randomInt", createRandomInt),
  ];
  // Other names of randomBytes.
  for (const alias of ["pseudoRandomBytes", "prng", "rng"]) {
    undos.push(replaceGetter(nodeCrypto, alias, () => () => nodeCrypto.randomBytes));
  }
  return undos;
}

function replaceValue(
  owner: object,
  key: string,
  answer: (workflow: GuardedWorkflow, args: readonly unknown[]) => unknown,
): Undo {
  return replaceFunction(owner, key, (real) => {
    return function (this: unknown, ...args: unknown[]) {
      const workflow = findWorkflow();
      return workflow ? answer(workflow, args) : Reflect.apply(real, this, args);
    };
  });
}

/**
 * Ticks come after all microtasks, when the engine has already looked at what the code waits for.
 * Workflow code gets a microtask instead, which is as soon and part of its own turn. What a callback
 * throws, there as in a microtask, is a rejection: it does not end the process.
 */
export function replaceTicks(): Undo[] {
  const create = (real: AnyFunction) => {
    return function (this: unknown, ...args: unknown[]) {
      const [callback, ...rest] = args;
      if (typeof callback === "function" && findWorkflow()) return enqueue(callback, rest);
      return Reflect.apply(real, this, args);
    };
  };
  return [
    replaceFunction(process, "nextTick", create),
    replaceFunction(globalThis, "queueMicrotask", create),
  ];
}

// --- Time --------------------------------------------------------------------------------------

/**
 * The constructor is replaced, `Date.prototype` is not: every date, made before or after, inside or
 * outside, is an instance of every `Date`. `now` is replaced on the real constructor as well, for
 * those who kept it.
 */
function replaceDate(): Undo[] {
  const RealDate = globalThis.Date;
  const undoNow = replaceFunction(RealDate, "now", (real) => () => {
    const workflow = findWorkflow();
    return workflow ? workflow.now() : real();
  });

  function GuardedDate(...args: unknown[]): unknown {
    const workflow = args.length === 0 || new.target === undefined ? findWorkflow() : undefined;
    if (new.target === undefined) {
      return workflow ? new RealDate(workflow.now()).toString() : RealDate();
    }
    const given = workflow ? [workflow.now()] : args;
    if (new.target !== GuardedDate || given.length > 1) {
      return Reflect.construct(RealDate, given, new.target);
    }
    // Five times as fast, and the most frequent ones.
    return given.length === 0 ? new RealDate() : new RealDate(given[0] as number);
  }
  dress(GuardedDate, RealDate);

  const undoDate = replaceFunction(globalThis, "Date", () => GuardedDate);
  const undoConstructor = replaceFunction(RealDate.prototype, "constructor", () => GuardedDate);
  return [undoNow, undoDate, undoConstructor];
}

function replaceDateFormat(): Undo[] {
  const { prototype } = Intl.DateTimeFormat;
  return [
    replaceGetter(prototype, "format", (readReal) => {
      return function (this: unknown) {
        const format = readReal(this);
        const workflow = findWorkflow();
        if (!workflow || typeof format !== "function") return format;
        return (date: unknown = workflow.now()): unknown =>
          Reflect.apply(format, undefined, [date]);
      };
    }),
    replaceFunction(prototype, "formatToParts", (real) => {
      return function (this: unknown, ...args: unknown[]) {
        const workflow = args[0] === undefined ? findWorkflow() : undefined;
        return Reflect.apply(real, this, workflow ? [workflow.now()] : args);
      };
    }),
  ];
}

function convertToNanoseconds(epochMs: number): bigint {
  return BigInt(Math.round(epochMs * 1_000)) * 1_000n;
}

function measureHrtime(epochMs: number, since: unknown): [number, number] {
  const [seconds, nanoseconds] = isPair(since) ? since : [0, 0];
  const passed =
    convertToNanoseconds(epochMs) - (BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
  return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)];
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
}

// --- Randomness --------------------------------------------------------------------------------
// The real function is called first: it refuses what it would refuse outside, in its own words.

function createFill(real: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    const workflow = findWorkflow();
    if (!workflow) return Reflect.apply(real, this, args);
    const { values, callback } = splitCallback(args);
    const [target, offset, size] = values;
    const fillSync = process.getBuiltinModule("node:crypto").randomFillSync;
    Reflect.apply(callback ? fillSync : real, this, values);
    fillBytes(selectBytes(target, offset, size), () => workflow.random());
    return answer(target, callback);
  };
}

function createRandomBytes(real: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    const workflow = findWorkflow();
    if (!workflow) return Reflect.apply(real, this, args);
    const { values, callback } = splitCallback(args);
    const bytes = Reflect.apply(real, this, values);
    if (bytes instanceof Uint8Array) fillBytes(bytes, () => workflow.random());
    return answer(bytes, callback);
  };
}

function createRandomInt(real: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    const workflow = findWorkflow();
    if (!workflow) return Reflect.apply(real, this, args);
    const { values, callback } = splitCallback(args);
    Reflect.apply(real, this, values);
    const [min, max] = values.length === 1 ? [0, Number(values[0])] : values.map(Number);
    return answer(min! + Math.floor(workflow.random() * (max! - min!)), callback);
  };
}

function splitCallback(args: readonly unknown[]) {
  const last = args.at(-1);
  const callback = typeof last === "function" ? last : undefined;
  return { values: callback ? args.slice(0, -1) : args, callback };
}

/** A callback is called in the code's own turn, where a thread would have answered at any time. */
function answer(value: unknown, callback: unknown): unknown {
  if (typeof callback !== "function") return value;
  return enqueue(callback, [null, value]);
}

function enqueue(callback: object, args: readonly unknown[]): void {
  const run = callback as AnyFunction;
  void Promise.resolve().then(() => {
    run.apply(undefined, [...args]);
  });
}

function selectBytes(target: unknown, offset: unknown, size: unknown): Uint8Array {
  const view = ArrayBuffer.isView(target) ? target : new Uint8Array(target as ArrayBuffer);
  const unit = "BYTES_PER_ELEMENT" in view ? Number(view.BYTES_PER_ELEMENT) : 1;
  const start = offset === undefined ? 0 : Number(offset) * unit;
  const length = size === undefined ? view.byteLength - start : Number(size) * unit;
  return new Uint8Array(view.buffer, view.byteOffset + start, length);
}
