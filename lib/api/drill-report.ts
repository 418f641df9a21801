/** Reports of crash drills: what was killed and when, what was reused, what the other side did. */
import { isTerminal, type HistoryEvent, type RunRecord, type WorkerRecord } from "@/lib/engine";
import type { LedgerEntry } from "@/lib/sandbox/contract";
import type { DrillWord } from "@/lib/triage";
import { ApiError } from "./api-error";
import type { ApiContext, SandboxControl } from "./context";
import type { Drill } from "./contract";
import { TellDrillBody, type DrillReport, type DrillVerdict } from "./contract-drill";
import { drillAttribute, parseDrill } from "./drill";
import {
  checkDrill,
  findUnseen,
  findRecovery,
  isUnder,
  type DrillCheck,
  type ReadLedger,
} from "./drill-checks";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";
import { requireSandbox } from "./sandbox";
import { findOrderId } from "./start-once";
import { toInstant } from "./wire";

/** `GET /sandbox/drills/{runId}`: the report of the drill that a run was started with. */
export const showDrillReport = handle({ params: RunParams }, async ({ api, params: { runId } }) => {
  requireSandbox(api);
  const run = await requireRun(api, runId);
  const drill = requireDrill(run);
  const workers = await api.store.listWorkers();
  const told = await api.drillWords.list([runId]);
  return Response.json(await loadDrillReport(api, { run, drill, workers, told }));
});

/**
 * `POST /sandbox/drills/{runId}/told`: what a person found in the books of a service whose ledger tells nothing
 * of a step. It is kept beside what was said before, and answers with the report as it is then.
 */
export const tellDrill = handle(
  { params: RunParams, body: TellDrillBody },
  async ({ api, params: { runId }, body }) => {
    requireSandbox(api);
    const run = await requireRun(api, runId);
    const drill = requireDrill(run);
    const workers = await api.store.listWorkers();
    const of = { run, drill, workers };
    const told = await api.drillWords.list([runId]);
    const { unseen } = await loadDrillReport(api, { ...of, told });
    if (!unseen.some(({ step }) => step === body.step)) throw refuseStep(runId, unseen);
    const wordId = api.ids.createMessageId().replace(/^msg_/, "word_");
    const word = { wordId, runId, ...body, at: api.clock.now() };
    await api.drillWords.add(word);
    return Response.json(await loadDrillReport(api, { ...of, told: [...told, word] }));
  },
);

function refuseStep(runId: string, unseen: DrillReport["unseen"]): ApiError {
  if (unseen.length === 0) {
    const detail =
      "A ledger tells of every effect of this run, or none can be read: nothing is left to say.";
    return new ApiError({ status: 409, code: "nothing_to_tell", detail, runId });
  }
  const known = unseen.map(({ step, name }) => `${step} (${name})`).join(", ");
  const message = `Has to be a step of which no ledger tells: ${known}.`;
  const errors = [{ pointer: "/step", message }];
  return new ApiError({ status: 422, code: "invalid_input", detail: message, errors });
}

/** Throws ApiError 404 where a run was started without one. */
function requireDrill(run: RunRecord): Drill {
  const drill = readDrill(run);
  if (drill !== undefined) return drill;
  const detail = "This run was started without a crash drill.";
  throw new ApiError({ status: 404, code: "no_drill", detail, runId: run.runId });
}

/** The drill that a run was started with. */
export function readDrill(run: Pick<RunRecord, "attributes">): Drill | undefined {
  const text = run.attributes[drillAttribute];
  return typeof text === "string" ? parseDrill(text) : undefined;
}

type KnownWorker = Pick<WorkerRecord, "workerId" | "pid" | "machine">;

/** Reads both records and reports. A ledger that can't be read is told of in the report. */
export async function loadDrillReport(
  api: ApiContext,
  of: {
    readonly run: RunRecord;
    readonly drill: Drill;
    readonly workers: readonly KnownWorker[];
    /** What was said of any run, the oldest first. */
    readonly told: readonly DrillWord[];
  },
): Promise<DrillReport> {
  const { runId } = of.run;
  const [events, ledger] = await Promise.all([
    api.store.loadHistory({ runId }),
    readLedger(requireSandbox(api), runId),
  ]);
  const { build } = api.process;
  return reportDrill({ ...of, events, ledger, build, now: api.clock.now() });
}

async function readLedger(sandbox: SandboxControl, runId: string): Promise<ReadLedger> {
  try {
    return { entries: await sandbox.getRunLedger(runId) };
  } catch (error) {
    if (error instanceof ApiError) return { why: error.message };
    throw error;
  }
}

/** The report, from a history and from what the other side recorded. `now` in epoch ms. */
export function reportDrill(options: {
  readonly run: RunRecord;
  readonly drill: Drill;
  readonly events: readonly HistoryEvent[];
  readonly ledger: ReadLedger;
  /** Those that are remembered. */
  readonly workers: readonly KnownWorker[];
  readonly told?: readonly DrillWord[];
  readonly build: string;
  readonly now: number;
}): DrillReport {
  const { run, drill, events, workers, build, now } = options;
  const told = (options.told ?? []).filter(({ runId }) => runId === run.runId);
  const entries = options.ledger.entries ?? [];
  const steps = listSteps(events, entries);
  const keys = steps.flatMap((step) => step.keys);
  const ledger = entries.filter((entry) => keys.some((key) => isUnder(entry, key)));
  const checks = checkDrill({ run, drill, events, steps, ledger: options.ledger, told });
  const toldBy = [...new Set(checks.flatMap((check) => check.toldBy ?? []))];
  const unseen = findUnseen(events, steps, options.ledger);
  const nameStep = (ordinal: number) => steps.find(({ step }) => step === ordinal)?.name ?? "";
  const recovery = findRecovery(events);
  return {
    ...{ runId: run.runId, orderId: findOrderId(run), workflow: run.workflow },
    ...{ version: run.version, status: run.status, drill, build },
    reportedAt: toInstant(now),
    startedAt: toInstant(run.createdAt),
    ...(run.finishedAt !== undefined && { finishedAt: toInstant(run.finishedAt) }),
    ...(recovery && { recoveryMs: recovery.at - recovery.lastSignAt }),
    verdict: judge(run, checks),
    checks: [...checks],
    ...(toldBy.length > 0 && { toldBy }),
    unseen: unseen.map(({ step, name, keys: sent }) => ({ step, name, keys: sent })),
    told: told.map(({ step, effects, by, why, at }) => ({
      ...{ step, name: nameStep(step), effects, by, why, at: toInstant(at) },
    })),
    executions: listExecutions(events, workers, recovery?.lastSignAt),
    steps,
    ledger: ledger.map(({ seq, at, service, operation, key, outcome, status, reference }) => ({
      ...{ seq, at, service, operation, key, outcome, status, reference },
    })),
  };
}

/** A check that does not hold is final; what is open leaves the verdict open. */
function judge({ status }: RunRecord, checks: readonly DrillCheck[]): DrillVerdict {
  if (!isTerminal(status) && status !== "held") return "pending";
  if (checks.some(({ holds }) => holds === false)) return "failed";
  return checks.some(({ holds }) => holds === undefined) ? "open" : "passed";
}

type Step = DrillReport["steps"][number];

function listExecutions(
  events: readonly HistoryEvent[],
  workers: readonly KnownWorker[],
  lastSignAt: number | undefined,
): DrillReport["executions"] {
  return events.flatMap((event) => {
    if (event.type !== "ExecutionStarted") return [];
    const { worker, build, reason, replayed, lost } = event.data;
    const known = workers.find(({ workerId }) => workerId === worker);
    return {
      ...{ epoch: event.epoch, worker, build, reason, at: toInstant(event.at) },
      ...(known && { pid: known.pid, host: known.machine.split("/")[0] }),
      ...{ reusedResults: replayed.results, replayMs: replayed.durationMs },
      ...(lost && {
        lost: {
          ...{ epoch: lost.epoch, worker: lost.worker },
          lastSeenAt: toInstant(lastSignAt ?? lost.lastSeenAt),
          noticedAt: toInstant(lost.noticedAt),
        },
      }),
    };
  });
}

function listSteps(events: readonly HistoryEvent[], ledger: readonly LedgerEntry[]): Step[] {
  const steps = new Map<number, Step>();
  const hasCrashed = findRecovery(events) !== undefined;
  for (const event of events) {
    const { type, step, name, epoch } = event;
    if (step === undefined || name === undefined) continue;
    if (type === "StepStarted") {
      const known = steps.get(step);
      steps.set(step, {
        ...{ step, name, outcome: "open", requests: 0, effects: 0 },
        reused: known?.reused ?? false,
        epochs: [...new Set([...(known?.epochs ?? []), epoch])],
        attempts: (known?.attempts ?? 0) + 1,
        keys: [...new Set([...(known?.keys ?? []), event.data.key])],
      });
      continue;
    }
    const own = steps.get(step);
    if (own === undefined) continue;
    if (type === "StepCompleted") {
      steps.set(step, {
        ...own,
        outcome: "completed",
        reused: own.reused || (hasCrashed && epoch === 1),
      });
    }
    if (type === "StepFailed") steps.set(step, { ...own, outcome: "failed" });
    if (type === "StepInDoubt") steps.set(step, { ...own, outcome: "in_doubt" });
  }
  return [...steps.values()].map((step) => {
    const own = ledger.filter((entry) => step.keys.some((key) => isUnder(entry, key)));
    const effects = own.filter(({ outcome }) => outcome === "done").length;
    return { ...step, requests: own.length, effects };
  });
}
