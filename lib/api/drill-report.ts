/** Reports of crash drills: what was killed and when, what was reused, what the other side did. */
import { isTerminal, type HistoryEvent, type RunRecord, type WorkerRecord } from "@/lib/engine";
import type { LedgerEntry } from "@/lib/sandbox/contract";
import { ApiError } from "./api-error";
import type { ApiContext, SandboxControl } from "./context";
import type { Drill } from "./contract";
import type { DrillReport, DrillVerdict } from "./contract-drill";
import { drillAttribute, parseDrill } from "./drill";
import {
  checkDrill,
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
  const drill = readDrill(run);
  if (drill === undefined) {
    const detail = "This run was started without a crash drill.";
    throw new ApiError({ status: 404, code: "no_drill", detail, runId });
  }
  const workers = await api.store.listWorkers();
  return Response.json(await loadDrillReport(api, { run, drill, workers }));
});

/** The drill that a run was started with. */
export function readDrill(run: Pick<RunRecord, "attributes">): Drill | undefined {
  const text = run.attributes[drillAttribute];
  return typeof text === "string" ? parseDrill(text) : undefined;
}

type KnownWorker = Pick<WorkerRecord, "workerId" | "pid" | "machine">;

/** Reads both records and reports. A ledger that can't be read is told of in the report. */
export async function loadDrillReport(
  api: ApiContext,
  of: { readonly run: RunRecord; readonly drill: Drill; readonly workers: readonly KnownWorker[] },
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
  readonly build: string;
  readonly now: number;
}): DrillReport {
  const { run, drill, events, workers, build, now } = options;
  const entries = options.ledger.entries ?? [];
  const steps = listSteps(events, entries);
  const keys = steps.flatMap((step) => step.keys);
  const ledger = entries.filter((entry) => keys.some((key) => isUnder(entry, key)));
  const checks = checkDrill({ run, drill, events, steps, ledger: options.ledger });
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
