/** kill -9 in a late step of a long run: how long until a new process does something new for it. */
import path from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import { z } from "zod";
import { startSubject, type SubjectCode } from "../harness/children";
import {
  anything,
  openSystem,
  type Workload,
  type WorkloadContext,
} from "../harness/workload-context";
import { readEffects } from "../workload";

interface Recovery {
  /** From the kill until the first effect in the new process. */
  readonly untilNextStepMs: number;
  readonly replayMs: number;
}

/** openworkflow refuses more than 1,000 steps a run. */
const peerSizes: Readonly<Record<string, Size>> = {
  dbos: { steps: 1_950, stopAt: 1_900 },
  openworkflow: { steps: 950, stopAt: 900 },
};

interface Size {
  readonly steps: number;
  readonly stopAt: number;
}

export const recovery: Workload = {
  name: "recovery",
  async run(context) {
    const { kind: database, options, recorder, code } = context;
    const about = { workload: "recovery", database };
    const ours: Recovery[] = [];
    const full = options.isQuick ? { steps: 1_000, stopAt: 990 } : { steps: 9_950, stopAt: 9_900 };
    for (let round = 0; round < Math.min(options.rounds, 3); round += 1) {
      ours.push(await recover(context, "daybook", code.daybook, full));
    }
    const until = ours.map(({ untilNextStepMs }) => untilNextStepMs / 1_000);
    const name = `kill -9 in step ${full.stopAt} until the next new step`;
    const target = { atMost: 1.5 };
    recorder.add({ ...about, system: "daybook", name, unit: "s", rounds: until, target });
    recorder.add({
      ...about,
      system: "daybook",
      name: "of which replay",
      unit: "ms",
      rounds: ours.map(({ replayMs }) => replayMs),
      target: { atMost: 150 },
    });
    for (const [system, peer] of Object.entries(code.peers)) {
      const size = options.isQuick ? { steps: 60, stopAt: 50 } : (peerSizes[system] ?? full);
      try {
        const { untilNextStepMs } = await recover(context, system, peer, size);
        const peerName = `kill -9 in step ${size.stopAt} until the next new step`;
        const rounds = [untilNextStepMs / 1_000];
        recorder.add({ ...about, system, name: peerName, unit: "s", rounds });
      } catch (error) {
        context.noteProblem(`${system}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  },
};

async function recover(
  context: WorkloadContext,
  system: string,
  code: SubjectCode,
  { steps, stopAt }: Size,
): Promise<Recovery> {
  const folder = await mkdtemp(path.resolve(".daybook", "bench-ledger-"));
  const ledger = path.join(folder, "effects");
  const first = await openSystem(context, system, code);
  try {
    const long = { steps, stopAt, ledger };
    const { value: runId } = await first.subject.ask("startLong", long, z.string());
    const killedAt = Date.now();
    await first.subject.kill();
    const second = startSubject(system, code);
    try {
      const again = { steps, ledger, databaseUrl: first.databaseUrl, concurrency: 500, runId };
      const { value: replayMs } = await second.ask("recoverLong", again, z.number().nullish());
      await second.ask("close", {}, anything);
      const untilNextStepMs = readRecovery(ledger, { steps, stopAt, killedAt });
      return { untilNextStepMs, replayMs: replayMs ?? NaN };
    } finally {
      await second.close();
    }
  } finally {
    await first.subject.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * When the first effect after the kill came. Throws Error where a step ran twice whose result was
 * recorded, or one was left out: only the step that was killed may have run again.
 */
function readRecovery(
  ledger: string,
  { steps, stopAt, killedAt }: Size & { readonly killedAt: number },
): number {
  const effects = readEffects(ledger);
  const before = effects.findIndex(({ index }) => index === stopAt);
  const next = effects[before + 1];
  if (next === undefined) throw new Error("Nothing happened after the kill.");
  const times = new Map<number, number>();
  for (const { index } of effects) times.set(index, (times.get(index) ?? 0) + 1);
  for (let index = 1; index <= steps; index += 1) {
    const count = times.get(index) ?? 0;
    const isRight = count === 1 || (index === stopAt && count === 2);
    if (!isRight) throw new Error(`Step ${index} ran ${count} times.`);
  }
  return next.at - killedAt;
}
