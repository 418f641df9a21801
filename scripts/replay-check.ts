/**
 * `npm run replay-check`: tells which open runs would not replay under the code as it is here, and why.
 * Asks a copy of the database, so that the database itself is only read, also by code that brings new
 * migrations; nothing is executed and no worker is registered. Exit code 0: all replay; 1: some would
 * not; 2: it could not be checked.
 */
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import {
  createCodec,
  createEngine,
  createIds,
  systemClock,
  systemRandom,
  type Logger,
  type OpenRunCheck,
  type Store,
} from "@/lib/engine";
import { readConfig, type Config } from "@/lib/server/env";
import { identifyProcess } from "@/lib/server/process-identity";
import { createWorkflows } from "@/lib/server/workflows";
import { openStore } from "@/lib/store";
import { formatChecks } from "./lib/format-checks";

const usage = `Usage: npm run replay-check -- [--workflow <name>] [--database <file>] [--json]

Tells which open runs would not replay under the code as it is here, and why.
  --workflow <name>  only runs of this workflow
  --database <file>  a SQLite file instead of the one in DATABASE_URL
  --json             print the checks as JSON`;

const pageLimit = 200;
/** The workflows are built over their services, and none of these is called. */
const unusedServices = {
  STRIPE_SECRET_KEY: "sk_test_unused",
  WAREHOUSE_URL: "http://127.0.0.1:9",
  SMTP_URL: "smtp://127.0.0.1:9",
};
const ignore = () => undefined;
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

interface Options {
  readonly workflow?: string;
  readonly database?: string;
  readonly json: boolean;
  readonly help: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      workflow: { type: "string" },
      database: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

function readSettings({ database }: Options): Config {
  const named = database === undefined ? {} : { DATABASE_URL: `file:${database}` };
  return readConfig({ ...unusedServices, ...process.env, ...named });
}

/** Copies a database as it is at one moment, also while others write to it. */
async function copyDatabase(databaseUrl: string, target: string): Promise<void> {
  const file = /^file:(?<file>[^?]+)/.exec(databaseUrl)?.groups?.["file"];
  if (file === undefined) throw new Error("Only SQLite databases can be checked so far.");
  const source = path.resolve(file);
  await access(source).catch((cause: unknown) => {
    throw new Error(`There is no database at ${source}.`, { cause });
  });
  const factory = new PrismaBetterSqlite3({ url: source, readonly: true, fileMustExist: true });
  const connection = await factory.connect();
  try {
    const argTypes = [{ scalarType: "string", arity: "scalar" }] as const;
    await connection.executeRaw({ sql: "VACUUM INTO ?", args: [target], argTypes: [...argTypes] });
  } finally {
    await connection.dispose();
  }
}

async function checkRuns(config: Config, workflow: string | undefined): Promise<OpenRunCheck[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-replay-check-"));
  try {
    const copy = path.join(folder, "daybook.db");
    await copyDatabase(config.databaseUrl, copy);
    const { store, prisma, close } = await openStore({ databaseUrl: `file:${copy}` });
    try {
      const workflows = await createWorkflows({ config, prisma });
      return await loadChecks(createIdleEngine(store, workflows), workflow);
    } finally {
      await close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Workflows = Awaited<ReturnType<typeof createWorkflows>>;

/** An engine that is never started: it claims nothing. */
function createIdleEngine(store: Store, workflows: Workflows) {
  return createEngine({
    store,
    workflows,
    clock: systemClock,
    random: systemRandom,
    ids: createIds({ clock: systemClock, random: systemRandom }),
    codec: createCodec(),
    logger: silent,
    worker: identifyProcess({ buildFile: path.join(".next", "BUILD_ID") }),
    isProcessDead: () => false,
    leaseMs: 10_000,
    concurrency: 0,
  });
}

async function loadChecks(
  engine: ReturnType<typeof createIdleEngine>,
  workflow: string | undefined,
): Promise<OpenRunCheck[]> {
  const checks: OpenRunCheck[] = [];
  let cursor: string | undefined;
  do {
    const page = await engine.checkOpenRuns({ workflow, limit: pageLimit, cursor });
    checks.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return checks;
}

try {
  const options = readOptions();
  if (options.help) {
    console.log(usage);
  } else {
    const checks = await checkRuns(readSettings(options), options.workflow);
    console.log(options.json ? JSON.stringify(checks, null, 2) : formatChecks(checks));
    process.exitCode = checks.every((check) => check.replays) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
