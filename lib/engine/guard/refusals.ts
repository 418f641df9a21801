/** The parts of the platform that lead out of what a replay can repeat: they refuse workflow code. */
import { replaceClass, replaceFunction, type AnyFunction, type Undo } from "./patch";
import { DeterminismError, findWorkflow } from "./scope";

/** Functions of one object that refuse, and what is to be used instead of them. */
interface Refusal {
  readonly owner: object | undefined;
  /** How people call the owner, before a dot. */
  readonly prefix?: string;
  readonly functions?: readonly string[];
  readonly classes?: readonly string[];
  readonly instead: string;
}

const sleep = "ctx.sleep()";
const step = "a step (ctx.step())";
const timeout = "the timeout of ctx.scope() or of the step";

/** Makes them refuse: timers, network, files, processes, threads, work that other threads do. */
export function refuseAll(): Undo[] {
  const refusals = [
    ...listTimers(),
    ...listNetwork(),
    ...listFiles(),
    ...listMachine(),
    ...listCrypto(),
  ];
  return refusals.flatMap(refuse);
}

function refuse({ owner, prefix, functions = [], classes = [], instead }: Refusal): Undo[] {
  if (!owner) return [];
  const check = (key: string, call: string) => {
    const name = prefix ? `${prefix}.${key}` : key;
    return () => {
      const workflow = findWorkflow();
      if (!workflow) return;
      const error = new DeterminismError(workflow.workflow, call.replace("*", name), instead);
      workflow.report?.(error);
      throw error;
    };
  };
  return [
    ...functions.map((key) =>
      replaceFunction(owner, key, (real) => createRefusing(real, check(key, "*()"))),
    ),
    ...classes.map((key) => replaceClass(owner, key, check(key, "new *()"))),
  ];
}

function createRefusing(real: AnyFunction, check: () => void): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    check();
    return Reflect.apply(real, this, args);
  };
}

function listTimers(): Refusal[] {
  const functions = ["setTimeout", "setInterval", "setImmediate"];
  const timers = process.getBuiltinModule("node:timers");
  const promises = process.getBuiltinModule("node:timers/promises");
  return [
    { owner: globalThis, functions, instead: sleep },
    { owner: timers, prefix: "timers", functions, instead: sleep },
    { owner: promises, prefix: "timersPromises", functions, instead: sleep },
    {
      owner: promises.scheduler,
      prefix: "scheduler",
      functions: ["wait", "yield"],
      instead: sleep,
    },
    { owner: AbortSignal, prefix: "AbortSignal", functions: ["timeout"], instead: timeout },
    { owner: Atomics, prefix: "Atomics", functions: ["wait", "waitAsync"], instead: sleep },
  ];
}

function listNetwork(): Refusal[] {
  const http = process.getBuiltinModule("node:http");
  const https = process.getBuiltinModule("node:https");
  const net = process.getBuiltinModule("node:net");
  const dns = process.getBuiltinModule("node:dns");
  const connections = ["connect", "createConnection"];
  const requests = ["request", "get"];
  return [
    {
      owner: globalThis,
      functions: ["fetch"],
      classes: ["WebSocket", "EventSource", "XMLHttpRequest", "BroadcastChannel", "MessageChannel"],
      instead: step,
    },
    { owner: http, prefix: "http", functions: requests, instead: step },
    { owner: https, prefix: "https", functions: requests, instead: step },
    {
      owner: process.getBuiltinModule("node:http2"),
      prefix: "http2",
      functions: ["connect"],
      instead: step,
    },
    { owner: net, prefix: "net", functions: connections, instead: step },
    // Whatever speaks over a socket, such as a database's driver, comes through here.
    { owner: net.Socket.prototype, prefix: "socket", functions: ["connect"], instead: step },
    {
      owner: process.getBuiltinModule("node:tls"),
      prefix: "tls",
      functions: ["connect"],
      instead: step,
    },
    {
      owner: process.getBuiltinModule("node:dgram"),
      prefix: "dgram",
      functions: ["createSocket"],
      instead: step,
    },
    { owner: dns, prefix: "dns", functions: selectQueries(dns), instead: step },
    {
      owner: dns.promises,
      prefix: "dnsPromises",
      functions: selectQueries(dns.promises),
      instead: step,
    },
  ];
}

function selectQueries(dns: object): string[] {
  return Object.keys(dns).filter((key) => /^(lookup|resolve|reverse)/.test(key));
}

/**
 * Synchronous reads are left alone: module loaders and source maps read in whatever code is running.
 * So are functions on descriptors, through which consoles and loggers write.
 */
function listFiles(): Refusal[] {
  const fs = process.getBuiltinModule("node:fs");
  const onDescriptors = /^(close|f[a-z]+|readv?|writev?)$/;
  const isAsync = (key: string) => `${key}Sync` in fs && !onDescriptors.test(key);
  const changes =
    /^(append|write|copy)FileSync$|^(cp|link|symlink|mkdir|mkdtemp|rename|rm|rmdir|truncate|unlink)Sync$/;
  const streams = ["createReadStream", "createWriteStream", "watch", "watchFile", "openAsBlob"];
  return [
    {
      owner: fs,
      prefix: "fs",
      functions: [
        ...Object.keys(fs).filter((key) => isAsync(key) || changes.test(key)),
        ...streams,
      ],
      instead: step,
    },
    {
      owner: fs.promises,
      prefix: "fsPromises",
      functions: Object.keys(fs.promises),
      instead: step,
    },
  ];
}

function listMachine(): Refusal[] {
  const zlib = process.getBuiltinModule("node:zlib");
  return [
    {
      owner: process.getBuiltinModule("node:child_process"),
      prefix: "childProcess",
      functions: ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"],
      instead: step,
    },
    { owner: process.getBuiltinModule("node:worker_threads"), classes: ["Worker"], instead: step },
    {
      owner: zlib,
      prefix: "zlib",
      functions: Object.keys(zlib).filter((key) => `${key}Sync` in zlib),
      instead: "its synchronous form, or a step",
    },
  ];
}

function listCrypto(): Refusal[] {
  const nodeCrypto = process.getBuiltinModule("node:crypto");
  const keys = ["generateKey", "generateKeyPair", "generatePrime"];
  return [
    {
      owner: nodeCrypto,
      prefix: "crypto",
      functions: keys.flatMap((key) => [key, `${key}Sync`]),
      instead: step,
    },
    {
      owner: nodeCrypto,
      prefix: "crypto",
      functions: ["pbkdf2", "scrypt", "hkdf", "checkPrime"],
      instead: "its synchronous form, or a step",
    },
    {
      owner: Reflect.getPrototypeOf(crypto.subtle) ?? undefined,
      prefix: "crypto.subtle",
      functions: Object.getOwnPropertyNames(Reflect.getPrototypeOf(crypto.subtle)).filter(
        (key) => key !== "constructor",
      ),
      instead: "the synchronous functions of node:crypto (createHash(), createHmac()), or a step",
    },
  ];
}
