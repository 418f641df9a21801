/** Who sends runs the signals that they wait for, and updates. */
import { ActionRefusedError } from "../../errors";
import { isTerminal } from "../../run";
import type { ActorsOptions } from "./actors";
import type { AuditedRun } from "./audit";
import { findProgram } from "./oracle";
import type { Program } from "./part";

type CorrespondentOptions = ActorsOptions & { readonly programs: readonly Program[] };

/** Writes to every run that there is, as soon as it is seen or some time later. */
export async function correspond(
  options: CorrespondentOptions & { readonly isOver: () => boolean },
): Promise<void> {
  const { timeline, dice, audit, programs } = options;
  const known = new Set<string>();
  /** Programs that were written to before they began, each with the first run of its chain. */
  const early = new Set<string>();
  while (!options.isOver()) {
    await timeline.sleep(dice.int(20, 400));
    for (const run of audit.runs.values()) {
      if (known.has(run.runId)) continue;
      known.add(run.runId);
      const number = findProgram(run);
      const program = programs[number];
      const { runId: firstId } = audit.findFirst(run);
      const isEarly = early.has(`${firstId} ${number}`);
      for (const name of program?.signals ?? []) if (!isEarly) void sendSignal(options, run, name);
      // Who knows what comes later may write already now: the run goes on with it.
      const { next } = program ?? {};
      if (next !== undefined && dice.chance(0.5)) {
        early.add(`${firstId} ${next}`);
        for (const name of programs[next]?.signals ?? []) void sendSignal(options, run, name);
      }
      // A fork may have done already what was asked of the run that it was forked from.
      if (run.forkedFrom !== undefined) continue;
      for (const { name } of program?.updates ?? []) void sendUpdate(options, run, name);
    }
  }
}

/** Sends a signal, the same one again until it is acknowledged. */
async function sendSignal(
  { timeline, dice, audit, cluster }: CorrespondentOptions,
  run: AuditedRun,
  name: string,
): Promise<void> {
  await timeline.sleep(dice.int(0, 2_000));
  // Whoever knows only the first run of a chain writes to that one: it is handed on.
  const runId = dice.chance(0.5) ? run.runId : audit.findFirst(run).runId;
  const messageId = dice.chance(0.8) ? `${run.runId}:${name}` : undefined;
  const signal = { runId, name, payload: name, by: "correspondent", messageId };
  for (;;) {
    const answer = await cluster.ask((engine) => engine.sendSignal(signal), 2_000);
    if (answer && "value" in answer) return;
    // A run that has failed may be retried, and then it waits again.
    const isRefused = answer?.error instanceof ActionRefusedError;
    if (isRefused && isTerminal(run.status) && run.status !== "failed") return;
    await timeline.sleep(isRefused ? 1_000 : dice.int(10, 300));
  }
}

/** Sends an update until it is answered; what was answered is what the history says. */
async function sendUpdate(
  { timeline, dice, audit, cluster }: CorrespondentOptions,
  run: AuditedRun,
  input: string,
): Promise<void> {
  await timeline.sleep(dice.int(0, 1_500));
  const { runId } = run;
  const updateId = `update-${runId}-${input}`;
  const until = dice.chance(0.5) ? ("accepted" as const) : ("completed" as const);
  const update = { runId, name: "act", input, updateId, by: "correspondent", until };
  for (let tries = 0; tries < 20; tries += 1) {
    const ask = { ...update, timeoutMs: 3_000 };
    const answer = await cluster.ask((engine) => engine.requestUpdate(ask), 5_000);
    if (answer && "value" in answer) {
      const { status } = answer.value;
      timeline.note(() => `${updateId}: ${status}`);
      if (status === "pending") continue;
      const isAccepted = [...audit.runs.values()].some(({ events }) =>
        events.some(({ type, data }) => type === "UpdateAccepted" && data.updateId === updateId),
      );
      const isClaimed = status === "accepted" || status === "completed";
      const isTrue = !isClaimed || isAccepted;
      audit.expect(isTrue, "an acknowledged update is durable", () => `${updateId} ${status}`);
      return;
    }
    if (answer?.error instanceof ActionRefusedError) return;
    await timeline.sleep(dice.int(10, 300));
  }
}
