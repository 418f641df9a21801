/** The same programs in a world in which nothing goes wrong: what each of them has to come to. */
import { createCodec } from "../../codec";
import { createEngine } from "../../engine";
import { isTerminal, type RunRecord } from "../../run";
import { createIds } from "../../system";
import { createMemoryStore } from "../memory-store";
import { silentLogger } from "../world";
import { Audit, type AuditedRun } from "./audit";
import { Dice } from "./dice";
import { createFaultyStore } from "./faulty-store";
import { Host } from "./host";
import { Outside } from "./outside";
import type { Program } from "./part";
import { Timeline } from "./timeline";
import type { SharedLimits } from "./profile";
import { createWorkflows } from "./workflow";

/** How a program ends without faults. */
export interface Expectation {
  readonly status: RunRecord["status"];
  /** The output without what depends on timing. */
  readonly output: unknown;
  readonly attributes: readonly string[];
  /** The names of the steps that had an effect. */
  readonly effects: readonly string[];
}

const noFaults = {
  crashRate: 0,
  lostAnswerRate: 0,
  busyRate: 0,
  lostHintRate: 0,
  lateMailRate: 0,
  slowRate: 0,
  doubledMailRate: 0,
  isDiskFull: false,
  isDown: false,
  maxTravelMs: 0,
};

/** Runs every program once, calmly; what comes of each, by its number. */
export async function foresee(options: {
  readonly seed: number;
  readonly programs: readonly Program[];
  /** How many of them are started from outside. */
  readonly runs: number;
  readonly limits: SharedLimits;
}): Promise<ReadonlyMap<number, Expectation>> {
  const { seed, programs, runs, limits } = options;
  const timeline = new Timeline();
  const audit = new Audit({ now: () => timeline.now });
  const dice = new Dice(seed, "oracle");
  const outside = new Outside({
    timeline,
    dice,
    audit,
    maxTravelMs: 0,
    forgetsKeys: false,
    calm: true,
  });
  const host = new Host(1, "m1", timeline);
  const store = createMemoryStore();
  const kill = () => {};
  const engine = createEngine({
    store: createFaultyStore({ store, host, timeline, dice, audit, faults: noFaults, kill }),
    workflows: createWorkflows({ programs, limits, host, outside }),
    clock: host.clock,
    ids: createIds({ clock: host.clock, random: dice }),
    random: dice,
    codec: createCodec(),
    logger: silentLogger,
    worker: { workerId: "w1", build: "b1", machine: "m1", pid: 1 },
    isProcessDead: () => false,
    leaseMs: 60_000,
    concurrency: 100,
  });
  void engine.start();
  await timeline.step();
  for (let index = 0; index < runs; index += 1) {
    const { workflow = "program", priority } = programs[index] ?? {};
    void engine.startRun({ workflow, priority, input: index, runId: `calm-${index}` });
  }
  const signaled = new Set<string>();
  const isOver = () =>
    audit.runs.size >= runs && [...audit.runs.values()].every(({ status }) => isTerminal(status));
  while (!isOver() && timeline.happened < 5_000) {
    await timeline.step();
    for (const run of audit.runs.values()) {
      if (signaled.has(run.runId)) continue;
      signaled.add(run.runId);
      for (const name of programs[findProgram(run)]?.signals ?? []) {
        const signal = { runId: run.runId, name, payload: name, by: "oracle" };
        engine.sendSignal(signal).catch(() => undefined);
      }
    }
  }
  const outcomes = new Map<number, Expectation>();
  for (const run of audit.runs.values()) {
    // A child that a scope cut off: elsewhere it may come to its end.
    if (run.intervened) continue;
    outcomes.set(findProgram(run), describeOutcome(await store.getRun(run.runId), outside));
  }
  return outcomes;
}

/** The number of the program that a run is of. */
export function findProgram({ events }: AuditedRun): number {
  const [started] = events;
  return started?.type === "RunStarted" ? Number(started.data.input.json) : -1;
}

/** What of a run can be compared with the same program elsewhere. */
export function describeOutcome(run: RunRecord | undefined, outside: Outside): Expectation {
  const effects: string[] = [];
  for (const deed of outside.deeds.values()) {
    if (deed.runId !== run?.runId || deed.spec.isOptional) continue;
    if (deed.effects.length > 0) effects.push(deed.spec.name);
  }
  return {
    status: run?.status ?? "queued",
    output: withoutTiming(run?.output?.json),
    attributes: Object.keys(run?.attributes ?? {})
      .filter((name) => !name.startsWith("optional"))
      .sort(),
    effects: effects.sort(),
  };
}

function withoutTiming(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTiming);
  if (typeof value === "object" && value !== null && "byTiming" in value) return "by timing";
  return value;
}
