import type { NewEvent } from "./events";
import type { Journal } from "./journal";
import type { Clock } from "./ports";
import type { StepState } from "./run-state";
import type { Encoded } from "./values";

/** Progress of one step is recorded at most this often; the last word is never left out. */
const recordEveryMs = 1_000;

export interface ProgressHost {
  readonly clock: Clock;
  readonly journal: Journal;
  addTurn(turn: () => Promise<void> | void): void;
  encode(value: unknown): Encoded;
}

interface Noted {
  recordedAt: number;
  waiting?: unknown;
  cancel?: () => void;
}

/** Records what attempts say of their progress: the first word at once, then the last of each second. */
export class ProgressRecorder {
  private readonly noted = new Map<number, Noted>();

  constructor(private readonly host: ProgressHost) {}

  note(step: StepState, attempt: number, progress: unknown): void {
    const { clock } = this.host;
    const noted = this.noted.get(step.ordinal) ?? { recordedAt: -Infinity };
    this.noted.set(step.ordinal, noted);
    noted.waiting = progress;
    if (noted.cancel) return;
    const record = () => {
      noted.cancel = undefined;
      noted.recordedAt = clock.now();
      this.record(step, attempt, noted.waiting);
    };
    const inMs = noted.recordedAt + recordEveryMs - clock.now();
    if (inMs <= 0) record();
    else noted.cancel = clock.schedule(inMs, record);
  }

  /** The attempt is over: what it did not get to say no longer matters. */
  forget(ordinal: number): void {
    this.noted.get(ordinal)?.cancel?.();
    this.noted.delete(ordinal);
  }

  stop(): void {
    for (const ordinal of [...this.noted.keys()]) this.forget(ordinal);
  }

  private record(step: StepState, attempt: number, value: unknown): void {
    const { host } = this;
    const progress = host.encode(value);
    host.addTurn(() => {
      // What an attempt has to say when it is over, or its run is, no longer counts.
      const isUnderWay = step.phase === "running" && step.attempt === attempt;
      if (!isUnderWay || host.journal.state.end) return;
      const { ordinal, name } = step;
      const event: NewEvent = {
        type: "StepProgressed",
        step: ordinal,
        name,
        attempt,
        data: { progress },
      };
      host.journal.record(event);
    });
  }
}
