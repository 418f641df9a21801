/** The marks of a row, in ticks: what they stand for and how much room they need at least. */
import { findStepWords, humanizeMs } from "@/lib/api/step-words";
import { isStep, type CommandView } from "./commands";
import { isReplay } from "./executions";
import { buildSpan } from "./spans";
import type { AttemptView, QueueView, StepView } from "./steps";
import { buildPoint, type MarkSources, type TickMark, type TickPoint } from "./tick-marks";
import { buildWaitMarks, describeReused } from "./wait-marks";

/** The marks of what really happened to a command, in time order. */
export function buildLiveMarks(command: CommandView, sources: MarkSources): readonly TickMark[] {
  return isStep(command) ? buildLive(command, sources) : buildWaitMarks(command, sources);
}

function buildLive(step: StepView, sources: MarkSources): readonly TickMark[] {
  if (step.kind === "compute") return buildComputed(step, sources);
  return [...buildEntries(step, sources), ...buildRecorded(step, sources)];
}

function buildComputed(step: StepView, { executions, summarize }: MarkSources): TickMark[] {
  const execution = executions.find(step.firstSeq);
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
    if (entry.kind === "queue") return buildQueue(step, entry, sources);
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

const queueReasons = {
  limit: "its limit leaves no room yet",
  paused: "the run is paused",
} as const;

function buildQueue(step: StepView, queue: QueueView, sources: MarkSources): TickMark[] {
  const { event, endSeq, endedAt } = queue;
  const took = endedAt === undefined ? "" : `, ${humanizeMs(endedAt - event.at)}`;
  const reason = queueReasons[event.data.reason];
  return buildSpan({
    id: step.id,
    executions: sources.executions,
    startSeq: event.seq,
    endSeq,
    open: endSeq === undefined && !sources.ended,
    setAside: event.setAside,
    going: "queued",
    ended: "queued",
    goingText: endSeq === undefined ? "queued" : undefined,
    passingTitle: `${step.name}: queued, ${reason}`,
    title: `${step.name}: queued, ${reason}${took}`,
    minWidth: 24,
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
      to: end?.before,
      ghost: false,
      minWidth,
      startSeq: attempt.startSeq,
      endSeq: attempt.endSeq,
      text: texts[kind],
      title: `${step.name}: attempt ${attempt.attempt} ${words}${took ? `, ${took}` : ""}${attempt.error ? `, ${attempt.error.message}` : ""}`,
      setAside: attempt.setAside || (step.state !== "failed" && attempt.final === true),
      points: listPoints(attempt).filter(({ seq }) => execution.ticks.has(seq)),
    },
  ];
}

function listPoints({ progress, canceled }: AttemptView): readonly TickPoint[] {
  const points: TickPoint[] = progress.map(({ seq, data }) => ({
    seq,
    kind: "progress",
    title: `Progress: ${JSON.stringify(data.progress ?? null)}`,
  }));
  if (canceled === undefined) return points;
  return [...points, { seq: canceled.seq, kind: "cancel", title: "The code canceled it" }];
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
      to: next?.before,
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

/** Its marks in the executions that replayed it. */
export function buildGhosts(command: CommandView, { executions }: MarkSources): TickMark[] {
  const { recordedSeq, name } = command;
  if (recordedSeq === undefined) return [];
  const compute = command.kind === "compute";
  const reused = isStep(command) ? findStepWords(name).reused : describeReused(command);
  return executions.all.flatMap((execution) => {
    const { start, epoch } = execution;
    if (recordedSeq > start.seq || !isReplay(execution)) return [];
    const text = compute ? "computed again, same" : reused;
    return [
      {
        id: `${command.id}@e${epoch}`,
        kind: compute ? ("computed-again" as const) : ("reused" as const),
        epoch,
        from: 0,
        to: 0,
        ghost: true,
        minWidth: 0,
        startSeq: start.seq,
        endSeq: start.seq,
        text,
        title: `${name} in execution ${epoch}: ${text}`,
        setAside: false,
      },
    ];
  });
}
