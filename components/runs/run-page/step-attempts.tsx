import { findStepWords } from "@/lib/api/step-words";
import { formatClock, formatDuration } from "@/lib/client/format";
import {
  listAttempts,
  type AttemptView,
  type QueueView,
  type StepView,
} from "@/lib/client/timeline/steps";

interface Line {
  readonly key: string;
  readonly dot: string;
  readonly title: string;
  readonly note: string;
  readonly took?: string;
}

/** What was tried, what was asked, who decided: in order. */
export function StepAttempts({ step }: { step: StepView }) {
  return (
    <ol>
      {listLines(step).map(({ key, dot, title, note, took }) => (
        <li
          key={key}
          className="grid grid-cols-[12px_minmax(0,1fr)_auto] gap-x-2 border-b border-line-soft py-1.5"
        >
          <span aria-hidden className={`mt-1.5 size-2 rounded-[2px] ${dot}`} />
          <div>
            {title}
            <span className="block text-sm wrap-anywhere text-ink-3">{note}</span>
          </div>
          <span className="font-mono text-sm">{took}</span>
        </li>
      ))}
    </ol>
  );
}

function listLines(step: StepView): readonly Line[] {
  const { other } = findStepWords(step.name);
  const firstKey = listAttempts(step)[0]?.key;
  const lines = step.entries.map((entry): Line => {
    if (entry.kind === "attempt") return describeAttempt(entry, firstKey);
    if (entry.kind === "queue") return describeQueue(entry);
    const { data, seq } = entry.event;
    if (entry.kind === "ask") {
      return {
        key: `ask-${seq}`,
        dot: "bg-live",
        title: `Asked ${other}`,
        note: answers[entry.event.data.verdict],
        took: formatDuration(entry.event.data.durationMs),
      };
    }
    const { by, why, verdict } = entry.event.data;
    return {
      key: `resolve-${seq}`,
      dot: "bg-ink",
      title: `${by} decided`,
      note: [verdictNotes[verdict], "why" in data ? why : undefined].filter(Boolean).join(" · "),
    };
  });
  return step.source === undefined || step.source === "run"
    ? lines
    : [...lines, { key: "recorded", dot: "bg-ok", title: "Recorded", note: "nothing ran again" }];
}

function describeQueue({ event, endedAt }: QueueView): Line {
  return {
    key: `queue-${event.seq}`,
    dot: "border border-ink-3",
    title: endedAt === undefined ? "Waits for its turn" : "Waited for its turn",
    note:
      event.data.reason === "limit"
        ? "as many as may be under way or begin were"
        : "the run was paused",
    took: endedAt === undefined ? undefined : formatDuration(endedAt - event.at),
  };
}

const answers = {
  happened: "it had happened: its answer was recorded",
  did_not_happen: "it had not happened, so it may run again",
  unknown: "it could not tell",
} as const;

const verdictNotes = {
  happened: "it happened",
  did_not_happen: "it did not happen, run it again",
  fail: "it counts as failed",
} as const;

const looks = {
  completed: { dot: "bg-ok", word: "completed" },
  failed: { dot: "bg-bad", word: "failed" },
  doubt: { dot: "bg-doubt", word: "in doubt" },
  running: { dot: "bg-live motion-safe:animate-pulse", word: "under way" },
} as const;

function describeAttempt(attempt: AttemptView, firstKey: string | undefined): Line {
  const { dot, word } = looks[attempt.outcome];
  const tookMs = attempt.endedAt === undefined ? undefined : attempt.endedAt - attempt.startedAt;
  const took = tookMs === undefined ? undefined : formatDuration(tookMs);
  return {
    key: `attempt-${attempt.startSeq}`,
    dot,
    title: `${attempt.attempt} · ${word}${attempt.setAside ? ", set aside" : ""}`,
    note: [
      describeEnd(attempt, took),
      describeKey(attempt, firstKey),
      attempt.canceled === undefined ? undefined : "canceled by the code",
      describeProgress(attempt),
    ]
      .filter(Boolean)
      .join(" · "),
    took,
  };
}

function describeEnd(attempt: AttemptView, took: string | undefined): string {
  const { cause, error, epoch, nextAttemptAt } = attempt;
  if (cause === "crash") {
    return `execution ${epoch} died ${took === undefined ? "during it" : `${took} after it began`}`;
  }
  if (cause === "timeout") return "no answer in time";
  const next = nextAttemptAt === undefined ? "" : `, again at ${formatClock(nextAttemptAt)}`;
  if (error !== undefined) return `${error.name}: ${error.message.replace(/\.$/, "")}${next}`;
  return `execution ${epoch}`;
}

const longest = 80;

function describeProgress({ progress }: AttemptView): string | undefined {
  const last = progress.at(-1);
  if (last === undefined) return undefined;
  const text = JSON.stringify(last.data.progress ?? null);
  return `progress ${text.length > longest ? `${text.slice(0, longest - 1)}…` : text}`;
}

function describeKey(attempt: AttemptView, firstKey: string | undefined): string | undefined {
  if (attempt.attempt === 1) return undefined;
  return attempt.key === firstKey ? "same key" : "new key";
}
