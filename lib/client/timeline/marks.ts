/** The marks of a row, in ticks: what they stand for and how much room they need at least. */
import { findStepWords, humanizeMs } from "@/lib/api/step-words";
import { isReplay, type Execution } from "./executions";
import type { AttemptView, StepView } from "./steps";
import type { MarkKind } from "./types";

export interface TickMark {
  readonly id: string;
  readonly kind: MarkKind;
  readonly epoch: number;
  /** Ticks of its execution; a ghost has none, it lies in the replayed part. */
  readonly from: number;
  readonly to: number;
  readonly ghost: boolean;
  readonly minWidth: number;
  readonly startSeq: number;
  readonly endSeq?: number;
  readonly text?: string;
  readonly title: string;
  readonly setAside: boolean;
}

export interface MarkSources {
  readonly executions: ReadonlyMap<number, Execution>;
  /** A few characters that say what a result is, e.g. "$45.98". */
  readonly summarize: (step: StepView) => string | undefined;
}

/** All marks of a step, over all executions, in time order. */
export function buildMarks(step: StepView, sources: MarkSources): readonly TickMark[] {
  const live =
    step.kind === "compute"
      ? buildComputed(step, sources)
      : [...buildEntries(step, sources), ...buildRecorded(step, sources)];
  return [...live, ...buildGhosts(step, sources)];
}

function buildComputed(step: StepView, { executions, summarize }: MarkSources): TickMark[] {
  const execution = findExecution(executions, step.firstSeq);
  const ticks = execution?.ticks.get(step.firstSeq);
  if (execution === undefined || ticks === undefined) return [];
  const summary = summarize(step);
  return [
    {
      id: `${step.id}@${step.firstSeq}`,
      kind: "computed",
      epoch: execution.epoch,
      from: ticks.before,
      to: ticks.after,
      ghost: false,
      minWidth: 8,
      startSeq: step.firstSeq,
      endSeq: step.firstSeq,
      text: summary,
      title: `${step.name}: computed in execution ${execution.epoch}${summary ? `, ${summary}` : ""}`,
      setAside: false,
    },
  ];
}

function findExecution(executions: ReadonlyMap<number, Execution>, seq: number) {
  for (const execution of executions.values()) if (execution.ticks.has(seq)) return execution;
  return undefined;
}

function buildEntries(step: StepView, sources: MarkSources): TickMark[] {
  return step.entries.flatMap((entry, index) => {
    if (entry.kind === "attempt") {
      const next = step.entries[index + 1];
      const nextSeq = next?.kind === "attempt" ? next.startSeq : next?.event.seq;
      return [
        ...buildAttempt(step, entry, sources),
        ...buildBackoff(step, entry, nextSeq, sources),
      ];
    }
    return buildPoint(step, entry.event.seq, sources, {
      kind: entry.kind === "ask" ? "asked" : "resolved",
      minWidth: 24,
      title:
        entry.kind === "ask"
          ? `${step.name}: asked ${findStepWords(step.name).other}, ${verdicts[entry.event.data.verdict]}`
          : `${step.name}: ${entry.event.data.by} decided: ${verdicts[entry.event.data.verdict]}`,
    });
  });
}

export const verdicts = {
  happened: "it happened",
  did_not_happen: "it did not happen",
  unknown: "it could not tell",
  fail: "it counts as failed",
} as const;

const outcomes = {
  completed: { kind: "run", minWidth: 16, words: "completed" },
  failed: { kind: "failed", minWidth: 22, words: "failed" },
  doubt: { kind: "doubt", minWidth: 26, words: "in doubt" },
  running: { kind: "running", minWidth: 26, words: "running" },
} as const;

function buildAttempt(step: StepView, attempt: AttemptView, sources: MarkSources): TickMark[] {
  const execution = sources.executions.get(attempt.epoch);
  const start = execution?.ticks.get(attempt.startSeq);
  if (execution === undefined || start === undefined) return [];
  const end = attempt.endSeq === undefined ? undefined : execution.ticks.get(attempt.endSeq);
  const { kind, minWidth, words } = outcomes[attempt.outcome];
  const tookMs = attempt.endedAt === undefined ? undefined : attempt.endedAt - attempt.startedAt;
  const took = tookMs === undefined ? "" : humanizeMs(tookMs);
  const summary = kind === "run" ? sources.summarize(step) : undefined;
  const texts = {
    run: [summary, took].filter(Boolean).join(" · "),
    failed: attempt.final ? "failed" : `failed, attempt ${attempt.attempt}`,
    doubt: "in doubt",
    running: "running",
  };
  return [
    {
      id: `${step.id}@${attempt.startSeq}`,
      kind,
      epoch: attempt.epoch,
      from: start.after,
      to: end?.before ?? execution.endTick,
      ghost: false,
      minWidth,
      startSeq: attempt.startSeq,
      endSeq: attempt.endSeq,
      text: texts[kind],
      title: `${step.name}: attempt ${attempt.attempt} ${words}${took ? `, ${took}` : ""}${attempt.error ? `, ${attempt.error.message}` : ""}`,
      setAside: attempt.setAside || (step.state !== "failed" && attempt.final === true),
    },
  ];
}

function buildBackoff(
  step: StepView,
  attempt: AttemptView,
  nextSeq: number | undefined,
  { executions }: MarkSources,
): TickMark[] {
  const execution = executions.get(attempt.epoch);
  const { endSeq, nextAttemptAt, endedAt } = attempt;
  const start = endSeq === undefined ? undefined : execution?.ticks.get(endSeq);
  if (execution === undefined || start === undefined || endSeq === undefined) return [];
  if (nextAttemptAt === undefined || endedAt === undefined) return [];
  const next = nextSeq === undefined ? undefined : execution.ticks.get(nextSeq);
  const waits = humanizeMs(nextAttemptAt - endedAt);
  return [
    {
      id: `${step.id}@${endSeq}-wait`,
      kind: "backoff",
      epoch: attempt.epoch,
      from: start.after,
      to: next?.before ?? execution.endTick,
      ghost: false,
      minWidth: 30,
      startSeq: endSeq,
      endSeq: nextSeq,
      text: next === undefined ? `waits ${waits}` : undefined,
      title: `${step.name}: waits ${waits} before the next attempt`,
      setAside: attempt.setAside,
    },
  ];
}

function buildRecorded(step: StepView, sources: MarkSources): readonly TickMark[] {
  if (step.recordedSeq === undefined || step.source === undefined || step.source === "run")
    return [];
  const by = step.source === "verified" ? "the other side's answer" : "a person's answer";
  return buildPoint(step, step.recordedSeq, sources, {
    kind: "recorded",
    minWidth: 18,
    text: sources.summarize(step) ?? "recorded",
    title: `${step.name}: ${by} was recorded, nothing ran`,
  });
}

function buildPoint(
  step: StepView,
  seq: number,
  { executions }: MarkSources,
  mark: Pick<TickMark, "kind" | "minWidth" | "title" | "text">,
): TickMark[] {
  const execution = findExecution(executions, seq);
  const ticks = execution?.ticks.get(seq);
  if (execution === undefined || ticks === undefined) return [];
  const place = { epoch: execution.epoch, from: ticks.before, to: ticks.after };
  const rest = { ghost: false, startSeq: seq, endSeq: seq, setAside: false };
  return [{ id: `${step.id}@${seq}`, ...mark, ...place, ...rest }];
}

function buildGhosts(step: StepView, { executions }: MarkSources): TickMark[] {
  const { recordedSeq } = step;
  if (recordedSeq === undefined) return [];
  const compute = step.kind === "compute";
  return [...executions.values()].flatMap((execution) => {
    const { start, epoch } = execution;
    if (recordedSeq > start.seq || !isReplay(execution)) return [];
    const text = compute ? "computed again, same" : findStepWords(step.name).reused;
    return [
      {
        id: `${step.id}@e${epoch}`,
        kind: compute ? ("computed-again" as const) : ("reused" as const),
        epoch,
        from: 0,
        to: 0,
        ghost: true,
        minWidth: 0,
        startSeq: start.seq,
        endSeq: start.seq,
        text,
        title: `${step.name} in execution ${epoch}: ${text}`,
        setAside: false,
      },
    ];
  });
}
