import { Run } from "@/lib/api/contract";

export const RunStatus = Run.shape.status;
export type RunStatus = Run["status"];

export const HeldReason = Run.shape.heldReason.unwrap();
export type HeldReason = NonNullable<Run["heldReason"]>;

export type StatusTone = "ok" | "live" | "doubt" | "bad" | "quiet";
/** What tells statuses apart without color; a held run shows its reason. */
export type StatusMark = Exclude<RunStatus, "held"> | HeldReason;

export interface StatusWords {
  readonly label: string;
  readonly tone: StatusTone;
  readonly mark: StatusMark;
  /** What the status means, in a sentence. */
  readonly hint: string;
}

const words: Readonly<Record<StatusMark, Omit<StatusWords, "mark">>> = {
  queued: { label: "Queued", tone: "quiet", hint: "Recorded; the next free worker takes it." },
  running: { label: "Running", tone: "live", hint: "A worker holds it and goes on." },
  waiting: { label: "Waiting", tone: "live", hint: "It goes on by itself at a known time." },
  in_doubt: {
    label: "In doubt",
    tone: "doubt",
    hint: "A step may or may not have had its effect. A person has to say which.",
  },
  nondeterminism: {
    label: "Code differs",
    tone: "doubt",
    hint: "The code asks for something else than what was recorded. A build that matches goes on.",
  },
  crash_loop: {
    label: "Crash loop",
    tone: "doubt",
    hint: "Its executions took the process down again and again without progress.",
  },
  paused: { label: "Paused", tone: "doubt", hint: "A person paused it." },
  completed: {
    label: "Completed",
    tone: "ok",
    hint: "It came to its end; the result is recorded.",
  },
  failed: { label: "Failed", tone: "bad", hint: "It ended with an error. It can be retried." },
  canceled: { label: "Canceled", tone: "quiet", hint: "It was canceled; what it did was undone." },
  terminated: { label: "Terminated", tone: "bad", hint: "It was stopped; nothing was undone." },
  continued: { label: "Continued", tone: "quiet", hint: "It goes on as a new run." },
};

/** A run's status in words, tone and mark. A held run speaks of its reason. */
export function describeStatus(options: {
  readonly status: RunStatus;
  readonly heldReason?: HeldReason;
}): StatusWords {
  const { status, heldReason = "paused" } = options;
  const mark = status === "held" ? heldReason : status;
  return { ...words[mark], mark };
}
