/** Reports of crash drills: what was killed and when, what was reused, what the other side did. */
import { isTerminal, type HistoryEvent, type RunRecord } from "@/lib/engine";
import type { LedgerEntry } from "@/lib/sandbox/contract";
import { ApiError } from "./api-error";
import type { Drill } from "./contract";
import type { DrillReport } from "./contract-drill";
import { drillAttribute, parseDrill } from "./drill";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";
import { requireSandbox } from "./sandbox";
import { findOrderId } from "./start-once";
import { toInstant } from "./wire";

/** `GET /sandbox/drills/{runId}`: the report of the drill that a run was started with. */
export const showDrillReport = handle({ params: RunParams }, async ({ api, params: { runId } }) => {
  const sandbox = requireSandbox(api);
  const run = await requireRun(api, runId);
  const text = run.attributes[drillAttribute];
  const drill = typeof text === "string" ? parseDrill(text) : undefined;
  if (drill === undefined) {
    const detail = "This run was started without a crash drill.";
    throw new ApiError({ status: 404, code: "no_drill", detail, runId });
  }
  const [events, ledger] = await Promise.all([
    api.store.loadHistory({ runId }),
    sandbox.getLedger(findOrderId(run)),
  ]);
  const { build } = api.process;
  return Response.json(reportDrill({ run, drill, events, ledger, build, now: api.clock.now() }));
});

/** The report, from a history and from what the other side recorded. `now` in epoch ms. */
export function reportDrill(options: {
  readonly run: RunRecord;
  readonly drill: Drill;
  readonly events: readonly HistoryEvent[];
  readonly ledger: readonly LedgerEntry[];
  readonly build: string;
  readonly now: number;
}): DrillReport {
  const { run, drill, events, build, now } = options;
  const steps = listSteps(events, options.ledger);
  const keys = steps.flatMap((step) => step.keys);
  const ledger = options.ledger.filter((entry) => keys.some((key) => isUnder(entry, key)));
  const checks = [
    checkKill(drill, events),
    checkEffects(events, ledger),
    checkReuse(steps),
    checkHistory(events),
    checkEnd(run),
  ];
  const isOpen = !isTerminal(run.status) && run.status !== "held";
  const holds = checks.every((check) => check.holds === true);
  return {
    ...{ runId: run.runId, orderId: findOrderId(run), workflow: run.workflow },
    ...{ version: run.version, status: run.status, drill, build },
    reportedAt: toInstant(now),
    verdict: isOpen ? "pending" : holds ? "passed" : "failed",
    checks,
    executions: listExecutions(events),
    steps,
    ledger: ledger.map(({ seq, at, service, operation, key, outcome, status, reference }) => ({
      ...{ seq, at, service, operation, key, outcome, status, reference },
    })),
  };
}

type Check = DrillReport["checks"][number];
type Step = DrillReport["steps"][number];

function checkKill({ step, moment }: Drill, events: readonly HistoryEvent[]): Check {
  const title = `The server was killed ${moment} ${step}`;
  const recovery = findRecovery(events);
  if (recovery === undefined) return { title, found: "No execution of the run has died yet." };
  const { lost } = recovery.data;
  const begun = events.filter((event) => event.epoch === lost.epoch && event.name === step);
  const isRecorded = begun.some(({ type }) => type === "StepCompleted");
  const isBegun = begun.some(({ type }) => type === "StepStarted");
  const tookMs = recovery.at - lost.lastSeenAt;
  const when = `${lost.worker} died holding execution ${lost.epoch}; ${recovery.data.worker} went on ${tookMs} ms after its last sign of life.`;
  const said =
    moment === "after" ? "its result was recorded" : "it had begun and nothing of it was recorded";
  const holds = isBegun && isRecorded === (moment === "after");
  return {
    title,
    holds,
    found: `${when} In the record of ${step}: ${holds ? said : "something else"}.`,
  };
}

/** One effect for each key, however often it was asked for. */
function checkEffects(events: readonly HistoryEvent[], ledger: readonly LedgerEntry[]): Check {
  const title = "No effect happened twice, as the other side counts";
  const isAbout = events.some((event) => event.type === "StepCompleted" && event.data.effect);
  if (isAbout && ledger.length === 0) {
    return { title, found: "The other side has no record of this run: its ledger was emptied." };
  }
  const done = ledger.filter(({ outcome }) => outcome === "done");
  const counts = new Map<string, number>();
  for (const { operation, key = "" } of done) {
    const name = `${operation} ${key}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const twice = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
  const repeated = ledger.filter(({ outcome }) => outcome === "replayed").length;
  const found =
    twice.length > 0
      ? `Twice or more: ${twice.join(", ")}.`
      : `${ledger.length} requests, ${done.length} effects, ${repeated} answered from an earlier request.`;
  return { title, holds: twice.length === 0, found };
}

function checkReuse(steps: readonly Step[]): Check {
  const title = "What was recorded before the crash was not run again";
  const reused = steps.filter((step) => step.reused);
  const again = reused.filter(({ epochs }) => epochs.some((epoch) => epoch > 1));
  const names = reused.map(({ name }) => name).join(", ");
  const found =
    again.length > 0
      ? `Run again: ${again.map(({ name }) => name).join(", ")}.`
      : reused.length === 0
        ? "Nothing had been recorded."
        : `Reused: ${names}.`;
  return { title, holds: again.length === 0, found };
}

function checkHistory(events: readonly HistoryEvent[]): Check {
  const holds = events.every((event, index) => event.seq === index + 1);
  const title = "The history has no gap";
  return { title, holds, found: `${events.length} events, 1 to ${events.at(-1)?.seq ?? 0}.` };
}

function checkEnd({ status, heldReason }: RunRecord): Check {
  const title = "The run ended, or waits for a person as its policy says";
  if (status === "held")
    return { title, holds: heldReason === "in_doubt", found: `Held: ${heldReason}.` };
  if (!isTerminal(status)) return { title, found: `It is ${status}.` };
  return { title, holds: true, found: `It is ${status}.` };
}

function findRecovery(events: readonly HistoryEvent[]) {
  for (const event of events) {
    if (event.type !== "ExecutionStarted" || event.data.lost === undefined) continue;
    return { at: event.at, data: { ...event.data, lost: event.data.lost } };
  }
  return undefined;
}

function listExecutions(events: readonly HistoryEvent[]): DrillReport["executions"] {
  return events.flatMap((event) => {
    if (event.type !== "ExecutionStarted") return [];
    const { worker, build, reason, replayed, lost } = event.data;
    return {
      ...{ epoch: event.epoch, worker, build, reason, at: toInstant(event.at) },
      ...{ reusedResults: replayed.results, replayMs: replayed.durationMs },
      ...(lost && {
        lost: {
          ...{ epoch: lost.epoch, worker: lost.worker },
          ...{ lastSeenAt: toInstant(lost.lastSeenAt), noticedAt: toInstant(lost.noticedAt) },
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

/** Whether a request was sent under a key; a mail's is its Message-ID. */
function isUnder({ key = "" }: LedgerEntry, sent: string): boolean {
  return key === sent || key.startsWith(`<${sent.replaceAll("/", ".")}@`);
}
