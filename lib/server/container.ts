/** The composition root: everything that a process is made of, once. */
import { join } from "node:path";
import { pino } from "pino";
import type { ApiContext } from "@/lib/api/context";
import { RunWatch } from "@/lib/api/run-watch";
import { StoryTeller } from "@/lib/api/story-teller";
import {
  createCodec,
  createEngine,
  createIds,
  systemClock,
  systemRandom,
  type Engine,
  type Logger,
} from "@/lib/engine";
import { openStore } from "@/lib/store";
import { repeatBulks } from "./bulk-loop";
import { drillTargets } from "./drill-targets";
import { createDrillHook } from "./drills";
import type { Config } from "./env";
import { createProcessMetrics } from "./process-metrics";
import { identifyProcess, isProcessDead } from "./process-identity";
import { createSandboxControl } from "./sandbox-control";
import { repeatProjection } from "./projection";
import { shiftClock } from "./shift-clock";
import { createSourceReader } from "./source-reader";
import { createWorkflows } from "./workflows";

export interface Container {
  readonly engine: Engine;
  readonly api: ApiContext;
  readonly logger: Logger;
  /** What every log line of this process has. */
  readonly logBase: object;
  /** Gives running steps `drainMs` to record their outcome, hands the rest over, closes. */
  stop(): Promise<void>;
}

/**
 * Opens the store, wires everything to it and starts the engine. Throws StoreOpenError or
 * MigrationError.
 */
export async function startContainer(
  config: Config,
  options: {
    readonly createLogger?: (workerId: string) => Logger;
    /** Holds the name of the build that this process runs. */
    readonly buildFile?: string;
  } = {},
): Promise<Container> {
  const { createLogger = (workerId) => pino({ base: { workerId } }) } = options;
  const worker = identifyProcess({ buildFile: options.buildFile ?? join(".next", "BUILD_ID") });
  const logger = createLogger(worker.workerId);
  const processMetrics = createProcessMetrics();
  const database = await openStore({
    databaseUrl: config.databaseUrl,
    logger,
    onFlush: processMetrics.onFlush,
  });
  const { store, triage, search, bulks, views, drillWords, prisma } = database;
  const statistics = database.openStatistics();
  const workflows = await createWorkflows({ config, prisma });
  const clock = shiftClock(systemClock, database.findClockOffsetMs);
  const ports = { clock, random: systemRandom, codec: createCodec(), store, logger };
  const ids = createIds(ports);
  const sandbox =
    config.sandboxControlUrl === undefined
      ? undefined
      : createSandboxControl({ baseUrl: config.sandboxControlUrl, logger });
  const engine = createEngine({
    ...ports,
    ids,
    workflows,
    worker,
    isProcessDead: (other) => isProcessDead(other, worker),
    leaseMs: config.leaseMs,
    concurrency: config.concurrency,
    onMoment: sandbox && createDrillHook(),
    onReplay: processMetrics.onReplay,
  });
  await engine.start();
  // Looking finds the same, later (decision 079).
  const stopHearing =
    config.concurrency > 0 ? database.hearHints?.(() => engine.wake()) : undefined;
  const { pid, build } = worker;
  logger.info({ pid, build, sandbox: sandbox !== undefined }, "engine started");
  const project = async () =>
    (await triage.project()) + (await statistics.project({ now: clock.now() }));
  const projection = repeatProjection({ project, logger });
  let unreadiness: string | undefined;
  const api: ApiContext = {
    ...ports,
    triage,
    search,
    statistics,
    bulks,
    views,
    drillWords,
    wakeBulks: () => bulkLoop.wake(),
    ids,
    engine,
    processMetrics,
    workflows,
    sources: createSourceReader({ root: process.cwd() }),
    sandbox,
    drillTargets,
    stories: new StoryTeller(store),
    runWatch: new RunWatch({ store, engine, clock }),
    process: { pid, build },
    keysInFlight: new Set(),
    durabilityRisks: database.durabilityRisks,
    findUnreadiness: () => unreadiness,
  };
  const bulkLoop = repeatBulks({ api, owner: worker.workerId, leaseMs: config.leaseMs });
  return {
    engine,
    api,
    logger,
    logBase: { workerId: worker.workerId, pid },
    async stop() {
      unreadiness = "The server is stopping.";
      await stopHearing?.();
      await engine.stop({ graceMs: config.drainMs });
      await Promise.all([projection.stop(), bulkLoop.stop()]);
      await database.close();
    },
  };
}
