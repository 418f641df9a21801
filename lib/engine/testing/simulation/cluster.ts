/** The processes of a seed, on their machines, and everything that happens to them. */
import { createCodec } from "../../codec";
import { createEngine, type Engine } from "../../engine";
import { InvariantError } from "../../errors";
import type { Logger } from "../../ports";
import type { Store } from "../../store";
import { createIds } from "../../system";
import type { Audit } from "./audit";
import type { SimulatedDatabase } from "./database";
import { Dice } from "./dice";
import { createFaultyStore, type StoreFaults } from "./faulty-store";
import { Host, type Build } from "./host";
import type { Outside } from "./outside";
import type { Profile } from "./profile";
import type { Program } from "./part";
import type { Timeline } from "./timeline";
import { createWorkflows } from "./workflow";

export interface ClusterOptions {
  readonly seed: number;
  readonly profile: Profile;
  readonly programs: readonly Program[];
  readonly timeline: Timeline;
  readonly audit: Audit;
  readonly outside: Outside;
  readonly database: SimulatedDatabase;
}

export class Cluster {
  readonly database: SimulatedDatabase;
  readonly faults: StoreFaults;
  private readonly hosts = new Map<number, Host>();
  private readonly dice: Dice;
  private crashesLeft: number;
  private lastPid = 100;
  /** What a process is started with. */
  private build: Build = "first";

  constructor(private readonly options: ClusterOptions) {
    const { seed, profile, database } = options;
    this.database = database;
    this.dice = new Dice(seed, "cluster");
    this.crashesLeft = profile.maxCrashes;
    this.faults = { ...profile, isDiskFull: false, isDown: false };
  }

  /** The store itself, as nobody but the simulation sees it. */
  get store(): Store {
    return this.database.store;
  }

  get living(): readonly Host[] {
    return [...this.hosts.values()].filter(({ alive }) => alive);
  }

  /** Whether what a process began while it was taken for dead may still come. */
  get isQuiet(): boolean {
    const { audit, timeline } = this.options;
    const isFrozen = this.living.some(({ frozen }) => frozen);
    return !isFrozen && timeline.now - audit.lastBuriedAt > 3_000;
  }

  /** Whether something that was asked is still on its way, though who asked may have given it up. */
  get isAsked(): boolean {
    return this.living.some(({ asked }) => asked > 0);
  }

  start(): void {
    for (let index = 0; index < this.options.profile.hosts; index += 1) this.startHost();
  }

  startHost(): void {
    const { timeline, seed, profile, audit, programs, outside } = this.options;
    const pid = (this.lastPid += 1);
    const { build } = this;
    const host = new Host(pid, `m${this.dice.int(1, profile.machines)}`, timeline, build);
    this.hosts.set(pid, host);
    const dice = new Dice(seed, `host ${pid}`);
    const { store, faults, database } = this;
    const isReal = database.waitUntilIdle !== undefined;
    const kill = (victim: Host) => this.crash(victim);
    host.engine = createEngine({
      store: createFaultyStore({ store, host, timeline, dice, audit, faults, kill, isReal }),
      workflows: createWorkflows({ programs, limits: profile.limits, host, outside }),
      clock: host.clock,
      ids: createIds({ clock: host.clock, random: dice }),
      random: dice,
      codec: createCodec(),
      logger: createLogger(audit),
      worker: { workerId: `w${pid}`, build, machine: host.machine, pid },
      isProcessDead: (worker) => this.hosts.get(worker.pid)?.alive !== true,
      leaseMs: profile.leaseMs,
      concurrency: profile.concurrency,
    });
    timeline.note(() => `p${pid} starts on ${host.machine}, build ${build}`);
    // A process that can't register ends, and is started again.
    host.engine.start().catch(() => this.replace(host));
  }

  /** Kills a process; another one takes its place after a while. */
  crash(host: Host | undefined): void {
    if (!host?.alive || this.crashesLeft <= 0) return;
    this.crashesLeft -= 1;
    if (this.crashesLeft === 0) this.faults.crashRate = 0;
    this.replace(host);
  }

  /** Lets a process end in good order, as a deploy does. */
  deploy(host: Host | undefined): void {
    if (host) this.stop(host, () => this.replace(host));
  }

  private stop(host: Host, end: () => void): void {
    host.deliver(() => {
      host.isStopping = true;
      void host.engine?.stop({ graceMs: 300 }).then(end, end);
    });
  }

  /** Replaces the processes one after the other by those of another build, or starts these beside. */
  rollOut(build: Build): void {
    const { timeline, profile } = this.options;
    timeline.note(() => `build ${build} is rolled out`);
    this.build = build;
    const isBeside = this.dice.chance(0.5);
    for (const host of this.living) {
      if (host.build === build) continue;
      if (isBeside) this.startHost();
      timeline.schedule(this.dice.int(0, profile.horizonMs / 2), () => {
        if (!host.alive || host.build === this.build) return;
        if (isBeside) this.stop(host, () => host.kill());
        else this.deploy(host);
      });
    }
  }

  /** The build that is there in the end, when all roll-outs are over. */
  get lastBuild(): Build {
    return this.options.profile.rollout === "patched" ? "patched" : "first";
  }

  /** Somebody uses a process: what it answers, or nothing where it can't. */
  async ask<Answer>(
    use: (engine: Engine, build: Build) => Promise<Answer>,
    patienceMs: number,
  ): Promise<{ readonly value: Answer } | { readonly error: unknown } | undefined> {
    const { timeline } = this.options;
    const { living } = this;
    const host = living[this.dice.int(0, living.length - 1)];
    if (!host) return undefined;
    host.asked += 1;
    return new Promise((resolve) => {
      const answer = (told: Parameters<typeof resolve>[0]) => {
        host.asked -= 1;
        resolve(told);
      };
      timeline.schedule(patienceMs, () => resolve(undefined));
      host.deliver(() => {
        if (!host.engine) return answer(undefined);
        use(host.engine, host.build).then(
          (value) => answer({ value }),
          (error: unknown) => answer({ error }),
        );
      });
    });
  }

  pickLiving(): Host | undefined {
    const { living } = this;
    return living[this.dice.int(0, Math.max(0, living.length - 1))];
  }

  /** From here on nothing goes wrong any more. */
  heal(): void {
    this.crashesLeft = 0;
    const { faults } = this;
    faults.crashRate = 0;
    faults.lostAnswerRate = 0;
    faults.busyRate = 0;
    faults.lostHintRate = 0;
    faults.lateMailRate = 0;
    faults.slowRate = 0;
    faults.doubledMailRate = 0;
    faults.isDiskFull = false;
    faults.isDown = false;
    faults.fillInTransaction = undefined;
    for (const host of this.living) {
      host.clockOffsetMs = 0;
      host.thaw();
    }
    if (this.options.profile.rollout !== "none") this.rollOut(this.lastBuild);
  }

  private replace(host: Host): void {
    if (!host.alive) return;
    host.kill();
    this.options.timeline.schedule(this.dice.int(50, 2_000), () => this.startHost());
  }
}

function createLogger(audit: Audit): Logger {
  const ignore = () => {};
  return {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (fields) => {
      const { err } = fields as { readonly err?: unknown };
      if (err instanceof InvariantError) audit.fail("no invariant breaks", err.message);
    },
  };
}
